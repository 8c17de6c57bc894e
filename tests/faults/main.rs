//! Faults of the whole service, made with the real `invoke` binary on a real Postgres (`DATABASE_URL`).
//!
//! - [`database`]: a database of the test's own
//! - [`lost_worker`]: two workers on one queue, one of them killed half-way
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]
mod database;
mod lost_worker;
