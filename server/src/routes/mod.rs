//! One file or folder a resource. Every one gives its [`Endpoints`].
pub mod app;
pub mod auth;
pub mod client_state;
pub mod health;
pub mod queue;
pub mod unimplemented;

use crate::access::Endpoints;

/// All routes with their rows of the authorization table.
pub fn endpoints() -> Endpoints {
    Endpoints::new()
        .merge(auth::endpoints())
        .merge(app::endpoints())
        .merge(client_state::endpoints())
        .merge(health::endpoints())
        .merge(queue::endpoints())
}
