//! The rules that identifiers follow: each as a check, as a sentence for people, and as a JSON Schema.
//! The three say the same; a test compares the check with the schema.

use serde_json::{Value, json};

use super::characters::{is_of_a_name, is_printable, normalised};
use super::{DeploymentId, Invalid};

/// What a text must be.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Reads a text that someone sends.
    pub(super) read: fn(&str) -> Result<String, Invalid>,
    /// Checks a text that was recorded. What a history has stays readable, and stays the same, when the rule
    /// for new texts changes.
    pub(super) recorded: fn(&str) -> Result<(), Invalid>,
    /// The rule for people.
    pub bounds: &'static str,
    /// The rule as a JSON Schema.
    pub schema: fn() -> Value,
}

pub(super) const DEPLOYMENT_ID: Rule = Rule {
    read: |text| deployment_id(text).map(|()| text.to_owned()),
    recorded: deployment_id,
    bounds: "a letter or digit, then letters, digits and `. _ : / @ -`; at most 128 characters; not `active`, and no \
             path that ends in `events` or `verify`",
    schema: || {
        json!({
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$",
            // What is no text is left to whoever takes null too.
            "not": {"type": "string", "pattern": "^active$|^(.*/)?(events|verify)$"},
        })
    },
};

/// The most characters and bytes of a name that is part of keys.
pub(super) const NAME_CHARACTERS: usize = 128;
pub(super) const NAME_BYTES: usize = 384;

pub(super) const NAME: Rule = Rule {
    read: |text| name(text, NAME_CHARACTERS, Some(NAME_BYTES)),
    recorded,
    bounds: "a name of up to 128",
    schema: || name_schema(NAME_CHARACTERS, Some(NAME_BYTES)),
};

pub(super) const LABEL: Rule = Rule {
    read: |text| name(text, 256, None),
    recorded,
    bounds: "a name of up to 256",
    schema: || name_schema(256, None),
};

fn deployment_id(text: &str) -> Result<(), Invalid> {
    let mut characters = text.chars();
    let first = characters.next().is_some_and(|c| c.is_ascii_alphanumeric());
    let rest = characters.all(|c| c.is_ascii_alphanumeric() || "._:/@-".contains(c));
    if !first || !rest || text.len() > DeploymentId::BYTES {
        return Err(Invalid(
            "must be 1 to 128 characters: a letter or digit, then letters, digits and . _ : / @ -".into(),
        ));
    }
    let last = text.rsplit('/').next().unwrap_or(text);
    if text == "active" || last == "events" || last == "verify" {
        return Err(Invalid("must not be `active` or end in `events` or `verify`: these are routes".into()));
    }
    Ok(())
}

/// A name in its normal form, of at most so many characters and bytes.
fn name(text: &str, most: usize, bytes: Option<usize>) -> Result<String, Invalid> {
    let text = normalised(text);
    let count = text.chars().count();
    if count == 0 || count > most || text.trim() != text || !text.chars().all(is_of_a_name) {
        // What the eye can't see, the error shows.
        let hidden = text.chars().find(|c| !is_of_a_name(*c));
        let hidden = hidden.map(|c| format!("; this has U+{:04X}", u32::from(c))).unwrap_or_default();
        return Err(Invalid(format!(
            "must be 1 to {most} characters of printable text, with no space at either end{hidden}"
        )));
    }
    if let Some(bytes) = bytes.filter(|bytes| text.len() > *bytes) {
        return Err(Invalid(format!("must have at most {bytes} bytes in UTF-8; this has {}", text.len())));
    }
    Ok(text.into_owned())
}

fn recorded(text: &str) -> Result<(), Invalid> {
    if text.is_empty() || !text.chars().all(is_printable) {
        return Err(Invalid("must be printable text".into()));
    }
    Ok(())
}

/// What the pattern leaves to the check are characters that are not assigned yet: there are hundreds of gaps
/// between those that are, and each version of Unicode fills some. A whole plane of them is in the pattern.
///
/// The pattern means the same to ECMA 262 (with the flag `u`), to Rust and to Python. None of the ways to
/// escape a character beyond `\uffff` does, so these stand for themselves.
fn name_schema(characters: usize, bytes: Option<usize>) -> Value {
    const SPACE: &str = r"\u0020\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000";
    const HIDDEN: &str = concat!(
        // Controls; formats; separators of lines and paragraphs.
        r"\u0000-\u001f\u007f-\u009f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f",
        r"\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff",
        "\u{110bd}\u{110cd}\u{13430}-\u{1343f}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}",
    );
    // Private areas, planes without characters, and tags; between them are variation selectors. They are apart
    // because generators of test data enumerate what a negated class has.
    const PLANES: &str = concat!(r"\ue000-\uf8ff", "\u{40000}-\u{e00ff}\u{e01f0}-\u{10ffff}");
    let (end, inner) = (format!("[^{SPACE}{HIDDEN}]"), format!("[^{HIDDEN}]"));
    let mut schema = json!({
        "type": "string",
        "minLength": 1,
        "maxLength": characters,
        "pattern": format!("^(?!.*[{PLANES}]){end}({inner}*{end})?$"),
    });
    if let Some(bytes) = bytes {
        schema["x-maxBytes"] = json!(bytes);
    }
    schema
}
