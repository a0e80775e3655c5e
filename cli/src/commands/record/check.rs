//! A dry run: each event is read with the server's code, on this machine, and nothing is sent.

use domain::api::Problem;
use domain::event::{self, Limits};
use domain::{Timestamp, json};

/// Checks an event that is sent alone, or as an element of an array.
///
/// # Errors
/// The problem that the server would answer with.
pub(super) fn check(text: &str, alone: bool, now: Timestamp) -> Result<(), Problem> {
    let too_large = || Problem::new(413, format!("an event must be at most {} bytes", Limits::EVENT_BYTES));
    if alone && text.len() > Limits::EVENT_BYTES {
        return Err(too_large());
    }
    let value =
        json::parse(text.as_bytes()).map_err(|malformed| Problem::wrong_field("", format!("not JSON: {malformed}")))?;
    if value.to_string().len() > Limits::EVENT_BYTES {
        return Err(too_large());
    }
    event::read(value, now).map(|_| ()).map_err(Problem::wrong_fields)
}

/// JSON with line breaks and indentation; names, numbers and strings keep their form.
pub(super) fn indented(text: &str) -> String {
    let mut out = String::new();
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                while characters.next_if(char::is_ascii_whitespace).is_some() {}
                out.push(c);
                if let Some(end) = characters.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    out += &line(depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                out += &line(depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                out += &line(depth);
            }
            ':' => out += ": ",
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::indented;

    #[test]
    fn only_the_space_between_tokens_changes() {
        let text = r#"{ "a":[1.00,-2e5 ,{ }, [ ]],"a":"x\\\"{,}: [\\","b" : {"c":null}}"#;
        let lines = [
            r"{",
            r#"  "a": ["#,
            r"    1.00,",
            r"    -2e5,",
            r"    {},",
            r"    []",
            r"  ],",
            r#"  "a": "x\\\"{,}: [\\","#,
            r#"  "b": {"#,
            r#"    "c": null"#,
            r"  }",
            r"}",
        ];
        assert_eq!(indented(text), lines.join("\n"));
    }
}
