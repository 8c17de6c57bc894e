//! TODO accounts
