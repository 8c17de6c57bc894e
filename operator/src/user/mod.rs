//! The controller of `InvokeUser`: accounts in a studio, through the studio's own API.
//!
//! - [`plan`]: what is to change, as a function of values
//! - [`admission`]: which resources a studio listens to
//! - [`password`]: where the password comes from
//! - [`controller`]: calls the API and reports; [`reclaim`]: what becomes of an account without its resource
pub mod admission;
pub mod controller;
pub mod password;
pub mod plan;
pub mod reclaim;
