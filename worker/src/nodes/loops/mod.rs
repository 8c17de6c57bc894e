//! Running nodes several times, or not at all. What these nodes do is mostly in `domain::execution`.
//!
//! - nodes: [`choose`], [`collect`], [`iterate`]
mod choose;
mod collect;
mod iterate;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![register::<iterate::Iterate>(), register::<collect::Collect>(), register::<choose::Choose>()]
}
