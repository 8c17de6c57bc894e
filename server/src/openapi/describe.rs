//! What a handler takes and gives, read from its types: a route cannot be added without it.
use crate::{
    error::Error,
    request::{Body, Pairs},
    session::{Admin, AdminSession, SignedIn, User},
    state::AppState,
};
use axum::{
    Json,
    extract::{Multipart, Path, Query, Request, State},
    http::{HeaderMap, HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

/// 201 with JSON.
#[derive(Debug)]
pub struct Created<T>(pub T);

/// 202 with JSON.
#[derive(Debug)]
pub struct Accepted<T>(pub T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, Json(self.0)).into_response()
    }
}

/// What a handler takes and gives.
#[derive(Debug, Default)]
pub struct Operation {
    /// The schema of a query string, an object.
    pub query: Option<Schema>,
    /// The body's content type and schema.
    pub body: Option<(&'static str, Value)>,
    /// The status of success.
    pub status: u16,
    /// The schema of a JSON answer.
    pub answer: Option<Schema>,
}

/// An extractor.
pub trait Input {
    /// Notes what it takes.
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator);
}

/// An answer.
pub trait Output {
    /// Notes what it gives.
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator);
}

/// A handler, with the tuple of its types.
pub trait Described<Types> {
    /// What it takes and gives.
    fn operation(generator: &mut SchemaGenerator) -> Operation;
}

macro_rules! described {
    ($($input:ident)*) => {
        impl<Function, Answer, Outcome, $($input),*> Described<($($input,)* Outcome,)> for Function
        where
            Function: Fn($($input),*) -> Answer,
            Answer: Future<Output = Outcome>,
            Outcome: Output,
            $($input: Input,)*
        {
            fn operation(generator: &mut SchemaGenerator) -> Operation {
                let mut operation = Operation { status: 200, ..Operation::default() };
                $(<$input as Input>::describe(&mut operation, generator);)*
                <Outcome as Output>::describe(&mut operation, generator);
                operation
            }
        }
    };
}
described!();
described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E F);

macro_rules! silent_inputs {
    ($($name:ty),*) => {
        $(impl Input for $name {
            fn describe(_: &mut Operation, _: &mut SchemaGenerator) {}
        })*
    };
}
silent_inputs!(State<AppState>, User, Admin, AdminSession, SignedIn, HeaderMap, Request, Pairs);

impl<T> Input for Path<T> {
    fn describe(_: &mut Operation, _: &mut SchemaGenerator) {}
}

impl<T: JsonSchema> Input for Query<T> {
    fn describe(operation: &mut Operation, _: &mut SchemaGenerator) {
        // Parameters stand alone, so their schemas must not refer to components.
        let mut alone =
            SchemaGenerator::new(schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
                settings.inline_subschemas = true;
            }));
        operation.query = Some(T::json_schema(&mut alone));
    }
}

impl<T: JsonSchema> Input for Json<T> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        operation.body = Some(("application/json", generator.subschema_for::<T>().into()));
    }
}

impl<T: JsonSchema> Input for Body<T> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        <Json<T> as Input>::describe(operation, generator);
    }
}

impl Input for Multipart {
    fn describe(operation: &mut Operation, _: &mut SchemaGenerator) {
        operation.body = Some(("multipart/form-data", json!({ "type": "object" })));
    }
}

impl<T: JsonSchema> Output for Json<T> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        operation.answer = Some(generator.subschema_for::<T>());
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        operation.status = 201;
        operation.answer = Some(generator.subschema_for::<T>());
    }
}

impl<T: JsonSchema> Output for Accepted<T> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        operation.status = 202;
        operation.answer = Some(generator.subschema_for::<T>());
    }
}

impl<T: Output> Output for ([(HeaderName, String); 1], T) {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        T::describe(operation, generator);
    }
}

impl Output for StatusCode {
    fn describe(operation: &mut Operation, _: &mut SchemaGenerator) {
        operation.status = 204;
    }
}

impl<T: Output> Output for Result<T, Error> {
    fn describe(operation: &mut Operation, generator: &mut SchemaGenerator) {
        T::describe(operation, generator);
    }
}

macro_rules! silent_outputs {
    ($($name:ty),*) => {
        $(impl Output for $name {
            fn describe(_: &mut Operation, _: &mut SchemaGenerator) {}
        })*
    };
}
silent_outputs!(Response, Error, String, &'static str);
