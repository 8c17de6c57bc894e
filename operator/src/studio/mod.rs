//! The controller of `InvokeAI`: observe → validate → build → apply → report.
//!
//! - [`observe`]: what is there; [`validate`]: whether it can work, and what is missing
//! - [`rollout`]: how far the way to the desired image has come; [`scale`]: how many workers there are to be
//! - [`build`]: what should be there; [`apply`]: makes it so, and nothing else; [`report`]: says how it is
//! - [`controller`]: calls them in turn
pub mod apply;
pub mod build;
pub mod controller;
pub mod difference;
pub mod observe;
pub mod report;
pub mod rollout;
pub mod scale;
pub mod validate;
