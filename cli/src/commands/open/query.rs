//! The parameters of an address in the one form that a signature knows.
//!
//! A browser writes a space as `+`, and leaves signs as they are that others encode. What computes a signature
//! encodes anew what it has decoded, and not everyone decodes `+` alike. Where only unreserved characters stay as
//! they are (RFC 3986, section 2.3), there is nothing to decode differently, and the meaning is the same.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same parameters in that form. None where they are not UTF-8: then there is no such form.
pub(super) fn to_sign(query: &str) -> Option<String> {
    percent_decode_str(query).decode_utf8().ok()?;
    let encoded = |text: &str| utf8_percent_encode(text, KEPT).to_string();
    let pairs = form_urlencoded::parse(query.as_bytes());
    Some(pairs.map(|(name, value)| format!("{}={}", encoded(&name), encoded(&value))).collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use super::to_sign;

    #[test]
    fn parameters_keep_their_meaning_and_their_order() {
        for (query, signed) in [
            ("b=1&a=2", "b=1&a=2"),
            ("filter=a+b%20c", "filter=a%20b%20c"),
            ("asOf=2026-03-01T12:00:00Z&q=a/b@1!", "asOf=2026-03-01T12%3A00%3A00Z&q=a%2Fb%401%21"),
            ("q=%2b%2B", "q=%2B%2B"),
            ("wall&&only=", "wall=&only="),
            ("q=%zz%", "q=%25zz%25"),
            ("q=%D7%A9", "q=%D7%A9"),
        ] {
            assert_eq!(to_sign(query).as_deref(), Some(signed));
            let meaning = |query: &str| form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
            assert_eq!(meaning(query), meaning(signed));
        }
        assert_eq!(to_sign("q=%FF"), None);
    }
}
