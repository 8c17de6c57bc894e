//! TODO prompt
