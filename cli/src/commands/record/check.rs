//! A dry run: each event is read and judged with the server's code, on this machine, and nothing is sent.

use domain::{Timestamp, json};
use formats::{Arrival, Decision, Payload, Settings, judge, read};

/// What the server would do with an event that is sent alone, or as an element of an array: one decision.
/// The rules of an installation are not known here.
pub(super) fn check(text: &str, alone: bool, now: Timestamp) -> Vec<Decision> {
    // What can't be read is sent by itself.
    let alone = alone || json::parse(text.as_bytes()).is_err();
    let body = if alone { text.to_owned() } else { format!("[{text}]") };
    let payload = Payload::posted([("content-type", "application/json")], body.as_bytes());
    let elements = match read::posted(&payload, now) {
        Ok(contents) => contents.into_elements(),
        Err(rejection) => return vec![Decision::Reject(rejection)],
    };
    let (settings, arrival) = (Settings::default(), Arrival::tried(now));
    elements.into_iter().map(|element| judge(element, &settings, arrival).decision).collect()
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
