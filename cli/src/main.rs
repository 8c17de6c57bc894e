//! The `invoke` binary.
fn main() {}
