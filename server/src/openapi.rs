//! TODO openapi
