//! The node types that run here: one file a node, one folder a kind.
//!
//! - [`math`], [`primitives`], [`strings`], [`batch`], [`loops`]: numbers, values, texts, lists
//! - [`prompts`], [`metadata`], [`tiles`]: prompts from prompts, what images record, parts of images
//! - [`diffusion`]: between a prompt and a picture
//! - [`images`]: from pictures to pictures, and masks
//! - [`models`]: from a model to its parts
pub mod batch;
pub mod diffusion;
pub mod images;
pub mod loops;
pub mod math;
pub mod metadata;
pub mod models;
pub(crate) mod one_or_many;
pub mod primitives;
pub mod prompts;
#[cfg(test)]
mod recorded_values;
pub mod strings;
pub mod tiles;

#[cfg(test)]
mod contract;

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::node_schema::{self, NodeSchema};

use crate::invocation::NodeType;

static NODES: LazyLock<Vec<NodeType>> = LazyLock::new(|| {
    let folders = [
        diffusion::nodes,
        images::nodes,
        models::nodes,
        math::nodes,
        primitives::nodes,
        strings::nodes,
        batch::nodes,
        loops::nodes,
        prompts::nodes,
        metadata::nodes,
        tiles::nodes,
    ];
    folders.iter().flat_map(|nodes| nodes()).collect()
});

static BY_TYPE: LazyLock<HashMap<&'static str, &'static NodeType>> =
    LazyLock::new(|| NODES.iter().map(|node| (node.node_type, node)).collect());

static CLASS_NAMES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| schemas().iter().map(|schema| (schema.node_type, schema.name)).collect());

/// The node of this type.
pub fn find(node_type: &str) -> Option<&'static NodeType> {
    BY_TYPE.get(node_type).copied()
}

/// What clients see of every node.
pub fn schemas() -> Vec<NodeSchema> {
    let mut schemas: Vec<_> = NODES.iter().map(|node| (node.schema)()).collect();
    node_schema::share(&mut schemas);
    schemas
}

/// The names of schemas by node type.
pub fn class_names() -> &'static HashMap<&'static str, &'static str> {
    &CLASS_NAMES
}
