//! Operations of the contract that come later answer 501 with a reason; everything else unknown is 404.
use crate::{access::Endpoint, error::Error};
use axum::{
    extract::Request,
    http::{Method, StatusCode},
};

/// Every operation of InvokeAI 6.14.2, a line each.
const CONTRACT: &str = include_str!("contract_operations.txt");

/// The operations of the contract: method and path.
pub fn contract() -> impl Iterator<Item = (&'static str, &'static str)> {
    CONTRACT.lines().filter_map(|line| line.split_once(' '))
}

fn same_shape(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.split('/'), path.split('/'));
    pattern.clone().count() == path.clone().count()
        && pattern.zip(path).all(|(wanted, part)| wanted.starts_with('{') || wanted == part)
}

/// The operations of the contract that the table lacks, `METHOD path`.
pub fn missing(table: &[Endpoint]) -> Vec<String> {
    contract()
        .filter(|(method, path)| {
            // axum answers HEAD wherever GET is routed.
            let method = if *method == "HEAD" { "GET" } else { method };
            !table
                .iter()
                .any(|endpoint| endpoint.method.as_str() == method && same_shape(path, &endpoint.path))
        })
        .map(|(method, path)| format!("{method} {path}"))
        .collect()
}

/// What to do instead, for paths that the UI asks for when people press a button.
const INSTEAD: &[(&str, &str)] = &[
    ("/api/v2/models/hugging_face", NO_DOWNLOADS),
    ("/api/v2/models/hf_login", NO_DOWNLOADS),
    ("/api/v2/models/convert/{key}", "Models are not converted here; a checkpoint runs as it is."),
];

/// For everything about Hugging Face.
pub(super) const NO_DOWNLOADS: &str = "Models are not downloaded from Hugging Face here. Put the repository's folder or file on \
    the server, and install it under URL or Local Path.";

fn reason(method: &Method, path: &str) -> String {
    match INSTEAD.iter().find(|(pattern, _)| same_shape(pattern, path)) {
        Some((_, instead)) => (*instead).to_owned(),
        None => format!("{method} {path} is not implemented yet"),
    }
}

/// Answers what no route answers.
pub async fn answer(request: Request) -> Error {
    let (method, path): (&Method, &str) = (request.method(), request.uri().path());
    let known = contract().any(|(verb, pattern)| verb == method.as_str() && same_shape(pattern, path));
    let exists = contract().any(|(_, pattern)| same_shape(pattern, path));
    if known {
        Error::new(StatusCode::NOT_IMPLEMENTED, reason(method, path))
    } else if exists {
        Error::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
    } else {
        Error::not_found("Not Found")
    }
}
