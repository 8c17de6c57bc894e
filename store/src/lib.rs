//! Postgres: the only place with SQL, one file a table; and the image files.
//!
//! - [`database`]: connect and migrate
//! - [`accounts`], [`client_state`], [`settings`]: people and their preferences, the signing key
//! - [`boards`], [`images`], [`files`]: what people made
//! - [`workflows`], [`style_presets`], [`models`]: what people work with
//! - [`queue`], [`events`]: the work queue, durable events and progress
pub mod accounts;
pub mod boards;
pub mod client_state;
pub mod database;
mod error;
pub mod events;
pub mod files;
pub mod images;
pub mod models;
pub mod queue;
pub mod settings;
pub mod style_presets;
pub mod workflows;

pub use error::{Error, Result};
