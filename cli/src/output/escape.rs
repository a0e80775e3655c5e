//! Escapes characters that a terminal would obey instead of show.

/// A text of the server, safe to print: control characters and characters that change the direction of text
/// are escaped.
pub(crate) fn shown(text: &str) -> String {
    let escape = |c: char| if needs_escape(c) { c.escape_unicode().to_string() } else { c.to_string() };
    text.chars().map(escape).collect()
}

/// The same for JSON. C0 controls occur only between tokens, where a space means the same (RFC 8259,
/// section 7); the others occur only within strings.
pub(super) fn escaped_json(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    for c in body.chars() {
        match c {
            '\n' => text.push(c),
            c if c < ' ' => text.push(' '),
            c if needs_escape(c) => {
                text.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            c => text.push(c),
        }
    }
    text
}

/// Control characters (C0, DEL, C1), and characters that reorder or hide text: the bidirectional controls of
/// Unicode (UAX #9, section 2), line separators, and characters without width.
fn needs_escape(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(shown("a\u{1b}[2Jb\u{9b}c\td\u{202e}e\r\n"), r"a\u{1b}[2Jb\u{9b}c\u{9}d\u{202e}e\u{d}\u{a}");
        assert_eq!(shown("Größe 日本 ✓"), "Größe 日本 ✓");
        assert_eq!(shown(&shown("\u{1b}")), r"\u{1b}", "an escaped text does not change");
    }

    #[test]
    fn escaped_json_has_the_same_meaning() {
        let body = "{\t\"a\":\r\n\"\u{9b}\u{202e}\u{e0041}ü\"}";
        let escaped = escaped_json(body);
        assert_eq!(escaped, "{ \"a\": \n\"\\u009b\\u202e\\udb40\\udc41ü\"}");
        let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parse(&escaped), parse(body));
    }
}
