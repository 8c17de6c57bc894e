//! TODO boards
