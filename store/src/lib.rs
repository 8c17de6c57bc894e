//! Postgres: the only place with SQL, one file a table; and the image files.
//!
//! - [`database`]: connect and migrate
//! - [`together`]: reads that many ask for at once
//! - [`accounts`], [`client_state`], [`settings`]: people and their preferences, the signing key
//! - [`login_attempts`]: failed logins
//! - [`standing`]: the access of the accounts behind open connections
//! - [`belongings`]: what an account made, as a whole
//! - [`boards`], [`images`], [`gallery`], [`files`], [`downloads`]: what people made
//! - [`workflows`], [`style_presets`], [`system_prompts`]: what people work with
//! - [`models`], [`model_relationships`], [`model_installs`]: the models
//! - [`picture`]: encoding of an image and its thumbnail
//! - [`caches`]: what workers keep, and what is asked of them
//! - [`queue`], [`events`]: the work queue, durable events and progress; [`workers`]: who is there to work
//!
//! JSON is bound as text (`$1::text::json`): sqlx binds a `Value` as jsonb, which sorts its keys.
pub mod accounts;
pub mod belongings;
pub mod boards;
pub mod caches;
pub mod client_state;
pub mod database;
pub mod downloads;
mod error;
pub mod events;
pub mod files;
pub mod gallery;
pub mod images;
pub mod login_attempts;
pub mod model_installs;
pub mod model_relationships;
pub mod models;
pub mod picture;
pub mod queue;
pub mod settings;
pub mod standing;
pub mod style_presets;
pub mod system_prompts;
pub mod together;
pub mod workers;
pub mod workflows;

pub use error::{Error, Result};
