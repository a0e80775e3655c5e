//! Names for services that take only ASCII: the values of `CloudWatch`'s dimensions, the subjects of mails.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::json;

/// The longest name that stays whole, and how much stays of a longer one.
const MOST: usize = 250;
const KEPT: usize = 230;
/// How many hexadecimal digits of its SHA-256 a longer one has at its end.
const DIGITS: usize = 12;

/// A name in printable ASCII: the same for the same name, and another one for any other.
///
/// Each byte that is not printable ASCII is percent-encoded, as in a URL. So is a `%` that would read as
/// such, and a `:` at the beginning, which no dimension can have there. A name that gets longer than 250
/// characters is cut to 230, with `~` and 12 digits of the SHA-256 of the name.
///
/// ```
/// use domain::identifiers::ascii;
/// assert_eq!(ascii("PR #12"), "PR #12");
/// assert_eq!(ascii("Größe"), "Gr%C3%B6%C3%9Fe");
/// assert_eq!(ascii("100%, a%20b"), "100%, a%2520b");
/// ```
#[must_use]
pub fn ascii(name: &str) -> Cow<'_, str> {
    let bytes = name.as_bytes();
    let stays = |at: usize| match bytes[at] {
        b'%' => !bytes[at + 1..].iter().take(2).map(u8::is_ascii_hexdigit).eq([true, true]),
        b':' => at > 0,
        byte => matches!(byte, b' '..=b'~'),
    };
    if name.len() <= MOST && (0..bytes.len()).all(stays) {
        return Cow::Borrowed(name);
    }
    let mut encoded = String::with_capacity(name.len() * 3);
    for (at, byte) in bytes.iter().enumerate() {
        if stays(at) {
            encoded.push(char::from(*byte));
        } else {
            // Writing to a text can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    if encoded.len() > MOST {
        encoded.truncate(KEPT);
        encoded.push('~');
        encoded.push_str(&json::sha256_hex(name)[..DIGITS]);
    }
    Cow::Owned(encoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_printable_ascii_stays_and_the_rest_is_encoded() {
        for (name, expected) in [
            ("my production", "my production"),
            ("生产", "%E7%94%9F%E4%BA%A7"),
            ("🚀 prod", "%F0%9F%9A%80 prod"),
            ("50%", "50%"),
            ("%zz%4", "%zz%4"),
            ("%41", "%2541"),
            (":a:", "%3Aa:"),
        ] {
            assert_eq!(ascii(name), expected);
        }
    }

    #[test]
    fn a_long_name_is_cut_and_stays_another_than_its_like() {
        let long = |end: &str| ascii(&format!("{}{end}", "生".repeat(127))).into_owned();
        assert!(long("a").len() == 243 && long("a") == long("a") && long("a") != long("b"));
        assert_eq!(ascii(&"a".repeat(250)).len(), 250);
    }

    proptest! {
        #[test]
        fn no_two_names_meet(one in "[%:0-9A-Cé]{0,6}|\\PC{0,12}", other in "[%:0-9A-Cé]{0,6}") {
            for (one, other) in [(&one, &other), (&ascii(&one).into_owned(), &one)] {
                prop_assert_eq!(one == other, ascii(one) == ascii(other));
            }
            prop_assert!(ascii(&one).bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        }
    }
}
