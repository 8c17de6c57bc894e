//! Texts.
//!
//! - nodes: [`string_join`], [`string_join_three`], [`string_replace`], [`string_split`], [`string_split_neg`]
//! - what they share: [`regular_expression`]: replacing as Python does it
mod regular_expression;
mod string_join;
mod string_join_three;
mod string_replace;
mod string_split;
mod string_split_neg;

use crate::invocation::{NodeType, register};

/// Every node of this folder.
pub fn nodes() -> Vec<NodeType> {
    vec![
        register::<string_join::StringJoin>(),
        register::<string_join_three::StringJoinThree>(),
        register::<string_split::StringSplit>(),
        register::<string_split_neg::StringSplitNeg>(),
        register::<string_replace::StringReplace>(),
    ]
}
