//! The authorization table. A route can only be added together with who may use it.
use crate::{
    error::Error,
    openapi::describe::{Described, Operation},
    session::Identity,
    state::AppState,
};
use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::Method,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, on},
};

/// Who may use a route. Ownership of what it touches is the store's affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not.
    Public,
    /// An account, by its token or by the cookie that media elements send.
    MediaCookieOrUser,
    /// An account, by its token; in single-user mode everybody.
    User,
    /// An administrator, by its token; in single-user mode everybody.
    Admin,
    /// An account by its token in every mode: accounts themselves, which single-user mode leaves alone.
    Account,
    /// An administrator by its token in every mode, and the operator of the cluster.
    AccountAdmin,
    /// An administrator as with `Admin`, and the operator of the cluster.
    Operations,
}

/// One row of the table.
#[derive(Clone)]
pub struct Endpoint {
    /// The HTTP method.
    pub method: Method,
    /// The path as axum writes it.
    pub path: String,
    /// Who may use it.
    pub access: Access,
    /// What the handler takes and gives.
    pub describe: fn(&mut schemars::SchemaGenerator) -> Operation,
}

/// Routes together with their rows of the table.
#[derive(Default)]
pub struct Endpoints {
    router: Router<AppState>,
    table: Vec<Endpoint>,
}

macro_rules! verb {
    ($name:ident, $method:ident, $doc:literal) => {
        #[doc = $doc]
        pub fn $name<H, T, D>(self, path: &str, access: Access, handler: H) -> Self
        where
            H: Handler<T, AppState> + Described<D>,
            T: 'static,
        {
            let endpoint =
                Endpoint { method: Method::$method, path: path.to_owned(), access, describe: H::operation };
            self.route(endpoint, on(MethodFilter::$method, handler))
        }
    };
}

impl Endpoints {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    verb!(get, GET, "A GET route (which answers HEAD too).");
    verb!(post, POST, "A POST route.");
    verb!(put, PUT, "A PUT route.");
    verb!(patch, PATCH, "A PATCH route.");
    verb!(delete, DELETE, "A DELETE route.");

    fn route(mut self, endpoint: Endpoint, route: MethodRouter<AppState>) -> Self {
        let access = endpoint.access;
        let guarded = route
            .layer(middleware::from_fn(move |request: Request, next: Next| guard(access, request, next)));
        self.router = self.router.route(&endpoint.path, guarded);
        self.table.push(endpoint);
        self
    }

    /// Changes the routes added so far, e.g. with a body limit.
    pub fn map(mut self, change: impl FnOnce(Router<AppState>) -> Router<AppState>) -> Self {
        self.router = change(self.router);
        self
    }

    /// Both sets of routes.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.table.extend(other.table);
        self
    }

    /// The table.
    pub fn table(&self) -> &[Endpoint] {
        &self.table
    }

    /// The routes.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }
}

async fn guard(access: Access, request: Request, next: Next) -> Response {
    let identity = request.extensions().get::<Identity>();
    match check(access, identity) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(access: Access, identity: Option<&Identity>) -> Result<(), Error> {
    let identity = identity.unwrap_or(&Identity::Anonymous);
    match access {
        Access::Public => Ok(()),
        Access::MediaCookieOrUser => identity.media().map(drop),
        Access::User => identity.user().map(drop),
        Access::Admin => identity.administrator().map(drop),
        Access::Account => identity.signed_in().map(drop),
        Access::AccountAdmin => identity.account_administrator().map(drop),
        Access::Operations => identity.administrator_or_operator().map(drop),
    }
}
