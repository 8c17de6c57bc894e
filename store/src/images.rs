//! TODO images
