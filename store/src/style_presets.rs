//! TODO style_presets
