//! TODO client_state
