//! The axum API: InvokeAI 6.14.2's HTTP and socket.io interface over the store.
//!
//! - [`state`]: what every handler can reach
//! - [`error`]: the one error and its response
//! - [`access`]: the authorization table, routes can only be added with an entry in it
//! - [`session`]: who is asking (extractors, tokens, passwords)
//! - [`routes`]: one file a resource
//! - [`sockets`]: socket.io, rooms and redaction, the relay of events
//! - [`pages`]: the stock UI
//! - [`openapi`]: `/openapi.json`
//! - [`metrics`]: Prometheus
pub mod access;
pub mod error;
pub mod metrics;
pub mod openapi;
pub mod pages;
pub mod routes;
pub mod session;
pub mod sockets;
pub mod state;
