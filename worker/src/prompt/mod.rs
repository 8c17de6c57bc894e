//! From a prompt's text to the tensor that guides the UNet.
//!
//! - [`tokenizer`]: CLIP's byte-pair encoding
//! - [`syntax`]: compel's language (`(word)1.2`, `word++`, `("a", "b").blend(1, 1)`, `.and()`, `.swap()`)
//! - [`conditioning`]: compel 2.5's arithmetic over the text encoder's output
//! - `clip`: the vocabulary of CLIP itself, for checkpoints that bring none
//! - [`trigger`]: `<name>` of a textual inversion
pub(crate) mod clip;
pub mod conditioning;
mod parser;
pub mod syntax;
pub mod tokenizer;
pub mod trigger;

#[cfg(test)]
mod tests;
