//! The operator: makes what the resources of group `invokeai.dev` ask for, and keeps it so.
//!
//! A person writes an `InvokeAI` and has a studio, an `InvokeUser` and has an account in it. Whatever is made belongs to
//! its resource; whatever is changed by hand is put back; at rest nothing is written.
//!
//! - [`resource`]: the types, from which the definitions in `crds/` are generated
//! - [`studio`]: the controller of `InvokeAI`; [`user`]: the controller of `InvokeUser`
//! - [`autoscale`]: how many workers the queue asks for
//! - [`studio_api`]: the studios' HTTP API
//! - [`cluster`]: what the operator made, kept up to date by watches
//! - [`leadership`]: one replica leads
//! - [`pace`]: how often resources are looked at when there are very many
//! - [`context`]: what both controllers reach; [`run`](mod@run): runs everything
//! - [`command`]: what people ask of a studio from the command line
//! - [`settings`], [`error`], [`metrics`]: settings; what can go wrong; numbers for Prometheus
pub mod autoscale;
pub mod cluster;
pub mod command;
pub mod context;
pub mod error;
pub mod leadership;
mod metrics;
pub mod pace;
pub mod resource;
pub mod run;
pub mod settings;
pub mod studio;
pub mod studio_api;
pub mod user;

pub use error::{Error, Result};
pub use run::run;
pub use settings::OperatorSettings;
