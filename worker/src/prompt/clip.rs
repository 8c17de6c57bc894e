//! CLIP's own vocabulary, which single-file checkpoints rely on without bringing it.
use std::collections::HashMap;
use std::sync::LazyLock;

use super::tokenizer::{Tokenizer, WORD_END, byte_character};

/// Two pieces a line, in the order in which training joined them; the licence is beside it.
const MERGES: &str = include_str!("clip_merges.txt");

static CLIP: LazyLock<Tokenizer> = LazyLock::new(|| {
    let printable = (0..=u8::MAX).filter(|byte| is_its_own_sign(*byte));
    let others = (0..=u8::MAX).filter(|byte| !is_its_own_sign(*byte));
    let signs: Vec<String> = printable.chain(others).map(|byte| byte_character(byte).to_string()).collect();
    let word_ends = signs.iter().map(|sign| format!("{sign}{WORD_END}"));
    let joined = MERGES.lines().map(|merge| merge.replace(' ', ""));
    let tokens = signs.iter().cloned().chain(word_ends).chain(joined);
    let ids: HashMap<String, i64> = tokens.zip(0..).collect();
    Tokenizer::of_clip(ids, MERGES.lines())
});

/// The tokenizer of OpenAI's CLIP, as all of the SD1 family have it: 49,408 tokens.
pub(crate) fn tokenizer() -> &'static Tokenizer {
    &CLIP
}

fn is_its_own_sign(byte: u8) -> bool {
    byte_character(byte) == char::from(byte)
}

#[cfg(test)]
mod tests {
    use super::tokenizer;

    #[test]
    fn words_have_the_ids_of_clip() {
        let clip = tokenizer();
        assert_eq!((clip.start_id(), clip.end_id()), (49406, 49407));
        assert_eq!(clip.encode("a photo of a cat", 75), [320, 1125, 539, 320, 2368]);
        assert_eq!(clip.encode("a red apple!", 75), [320, 736, 3055, 256]);
    }
}
