//! A name as a part of a key. `#` separates the parts, and a name can have one too.
//!
//! In a key, a name's `#` is written `§n` (number sign), and its `§` is written `§s`. So all names that had
//! neither keep the keys that they had before names could have a `#`, which were all names.

use std::borrow::Cow;

use crate::json::sha256_hex;

/// A name as a part of a key: without `#`, and different for each name.
///
/// ```
/// use domain::identifiers::key_part::{escape, unescape};
/// assert_eq!(escape("PR #12"), "PR §n12");
/// assert_eq!(escape("production"), "production");
/// assert_eq!(unescape("PR §n12").as_deref(), Some("PR #12"));
/// ```
#[must_use]
pub fn escape(name: &str) -> Cow<'_, str> {
    if !name.contains(['#', '§']) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.replace('§', "§s").replace('#', "§n"))
}

/// The name that stands in a key as this part; none where no name is written so.
#[must_use]
pub fn unescape(part: &str) -> Option<Cow<'_, str>> {
    if !part.contains(['#', '§']) {
        return Some(Cow::Borrowed(part));
    }
    let mut name = String::with_capacity(part.len());
    let mut characters = part.chars();
    while let Some(c) = characters.next() {
        name.push(match (c, (c == '§').then(|| characters.next())) {
            ('§', Some(Some('n'))) => '#',
            ('§', Some(Some('s'))) => '§',
            ('#' | '§', _) => return None,
            (c, _) => c,
        });
    }
    Some(Cow::Owned(name))
}

/// Names as parts of one key, each escaped.
#[must_use]
pub fn join(names: &[&str]) -> String {
    names.iter().map(|name| escape(name)).collect::<Vec<_>>().join("#")
}

/// The longest part of a key that [`bounded`] leaves as it is, in bytes.
const BOUND: usize = 512;

/// A text of any length as a part of a key: escaped, or, where that would be too long, `§h` and its SHA-256.
/// It does not lead back to the text.
#[must_use]
pub fn bounded(text: &str) -> Cow<'_, str> {
    let escaped = escape(text);
    if escaped.len() <= BOUND { escaped } else { Cow::Owned(format!("§h{}", sha256_hex(text))) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_text_is_a_short_part_and_no_name_is_written_so() {
        let long = "#".repeat(300);
        let part = bounded(&long);
        assert!(part.len() <= BOUND && part.starts_with("§h"), "{part}");
        assert_eq!(unescape(&part), None);
        assert_ne!(part, bounded(&"#".repeat(301)));
        assert_eq!(bounded("2.14.3"), "2.14.3");
    }

    #[test]
    fn a_name_without_the_two_characters_is_its_own_part() {
        for name in ["production", "a%23b", "a%2523b", "生产", "🚀 prod"] {
            assert_eq!(escape(name), name);
        }
        assert_eq!(escape("§n#"), "§sn§n");
        for no_part in ["a#b", "§", "a§", "§x", "§§"] {
            assert_eq!(unescape(no_part), None, "{no_part}");
        }
    }

    proptest! {
        #[test]
        fn a_part_leads_back_to_its_name(name in "[#§nsa%]{0,8}|\\PC{0,20}") {
            let part = escape(&name);
            prop_assert!(!part.contains('#'));
            let back = unescape(&part);
            prop_assert_eq!(back.as_deref(), Some(name.as_str()));
        }

        #[test]
        fn no_two_lists_of_names_are_one_key(
            names in prop::collection::vec("[#§ns]{0,3}", 1..4),
            others in prop::collection::vec("[#§ns]{0,3}", 1..4),
        ) {
            let key = |names: &[String]| join(&names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(names == others, key(&names) == key(&others));
        }
    }
}
