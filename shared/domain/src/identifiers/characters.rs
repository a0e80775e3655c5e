//! The characters of names: which ones a name can have, and the one way to write them.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

const CATEGORIES: icu_properties::CodePointMapDataBorrowed<'static, GeneralCategory> =
    CodePointMapData::<GeneralCategory>::new();
const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();

/// A text in Unicode's normal form C: `é` is one character, however its sender wrote it.
#[must_use]
pub fn normalised(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { NFC.normalize(text) }
}

/// Whether a name can have this character: one that is assigned and shows as what it is. Control and format
/// characters, separators of lines and paragraphs, and characters for private use are none.
pub(super) fn is_of_a_name(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    !matches!(
        CATEGORIES.get(c),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
            | GeneralCategory::PrivateUse
            | GeneralCategory::Surrogate
            | GeneralCategory::Unassigned
    )
}

/// Whether a character shows nothing itself and steers how others show: a joiner, a change of direction.
#[must_use]
pub fn is_format(c: char) -> bool {
    CATEGORIES.get(c) == GeneralCategory::Format
}

/// Whether a character in free text shows as what it is: no control character, and none that turns the
/// direction of the text after it.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
