//! The command line that is being typed, as its shell passes it.

use std::env;
use std::ffi::OsString;
use std::sync::OnceLock;

/// The words, and the index of the word to complete; set by an adapter that reads the line itself.
static TYPED: OnceLock<(Vec<OsString>, usize)> = OnceLock::new();

/// Sets the words, and the index of the word to complete.
pub(super) fn set(words: Vec<OsString>, index: usize) {
    TYPED.get_or_init(|| (words, index));
}

/// The words, and the index of the word to complete.
pub(super) fn get() -> (Vec<OsString>, usize) {
    TYPED.get().cloned().unwrap_or_else(from_shell)
}

/// The words as shells other than bash pass them: after `--`, usually with the index of the word.
fn from_shell() -> (Vec<OsString>, usize) {
    let words: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let index = env::var("_CLAP_COMPLETE_INDEX").ok().and_then(|index| index.parse().ok());
    let last = words.len().saturating_sub(1);
    (words, index.unwrap_or(last))
}
