//! One file or folder a resource. Every one gives its [`Endpoints`].
pub mod app;
pub mod auth;
pub mod boards;
pub mod client_state;
pub mod cluster;
pub mod custom_nodes;
pub mod gallery;
pub mod health;
pub mod images;
pub mod invocation_cache;
pub mod model_relationships;
pub mod models;
pub mod queue;
pub mod recall;
pub mod runtime_config;
pub mod style_presets;
pub mod unimplemented;
pub mod utilities;
pub mod videos;
pub mod workflows;

use crate::access::Endpoints;

/// All routes with their rows of the authorization table.
pub fn endpoints() -> Endpoints {
    Endpoints::new()
        .merge(auth::endpoints())
        .merge(app::endpoints())
        .merge(client_state::endpoints())
        .merge(cluster::endpoints())
        .merge(custom_nodes::endpoints())
        .merge(invocation_cache::endpoints())
        .merge(recall::endpoints())
        .merge(runtime_config::endpoints())
        .merge(health::endpoints())
        .merge(queue::endpoints())
        .merge(boards::endpoints())
        .merge(gallery::endpoints())
        .merge(images::endpoints())
        .merge(model_relationships::endpoints())
        .merge(models::endpoints())
        .merge(style_presets::endpoints())
        .merge(utilities::endpoints())
        .merge(videos::endpoints())
        .merge(workflows::endpoints())
}
