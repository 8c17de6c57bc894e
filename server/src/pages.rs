//! TODO pages
