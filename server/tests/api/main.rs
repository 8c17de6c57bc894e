//! The API over HTTP on real Postgres, a database a test.
//!
//! - [`app`]: the application under test and its clients
//! - [`world`]: people and what they own
//! - [`examples`]: one request for every route, used by every test that walks the routes
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod accounts;
mod app;
mod authorization;
mod caches;
mod client_state;
mod cluster;
mod contract;
mod document;
mod downloads;
mod examples;
mod instead;
mod library;
mod login;
mod pages;
mod sharing;
mod sockets;
mod world;
