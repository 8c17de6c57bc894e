//! TODO workflows
