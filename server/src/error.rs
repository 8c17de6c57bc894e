//! TODO error
