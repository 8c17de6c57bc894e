//! Graph, node and wire types, permissions and scheduling rules. Pure: no tokio, sqlx, axum, kube or ort.
//!
//! - [`account`]: who is asking
//! - [`batch`]: one graph and the values put into it, expanded into sessions
//! - [`dynamic_prompt`]: prompts with variants
//! - [`graph`]: a node graph as clients send it
//! - [`execution`]: the state of one graph's execution: preparation, iteration, collection
//! - [`node_schema`]: what a node type looks like to clients and to the graph's validation
//! - [`event`]: socket.io events as they leave the server
//! - [`load`]: how much there is to do, and who does it
pub mod account;
pub mod batch;
pub mod dynamic_prompt;
pub mod event;
pub mod execution;
pub mod graph;
pub mod load;
pub mod node_schema;
