//! The private Postgres of `invoke up`: on a Unix socket only, in the data directory.
//!
//! - [`programs`]: finds the server's programs
//! - [`owner`]: the account they run as
//! - [`cluster`]: makes, starts and stops the cluster
//! - [`leftover`]: what a killed `invoke up` left behind
mod cluster;
mod leftover;
mod owner;
mod programs;

pub(crate) use cluster::Cluster;
