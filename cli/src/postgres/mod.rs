//! The private Postgres of `invoke up`: on a Unix socket only, in the data directory.
//!
//! - [`programs`]: finds the server's programs
//! - [`owner`]: the account they run as
//! - [`cluster`]: makes, starts and stops the cluster
mod cluster;
mod owner;
mod programs;

pub(crate) use cluster::Cluster;
