//! The real `invoke` binary from outside, with its private Postgres.
//!
//! - [`studio`]: starts it, asks it, stops or kills it
//! - [`life`]: start, stop, second start, two at once, crashes
//! - [`accounts`]: `invoke-useradd` and its siblings, beside a running studio and without one
//! - [`bundled`]: models and workflows that a studio brings
//! - [`parts`]: migration, server and worker apart, as a cluster runs them
//! - [`controls`]: caches and logs as an administrator wants them
//! - [`secrets`]: passwords, tokens and prompts stay out of the logs
//! - [`settings`]: the file, the environment and the flags
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod accounts;
mod bundled;
mod controls;
mod life;
mod parts;
mod secrets;
mod settings;
mod studio;
