//! The rules that identifiers follow: each as a check, as a sentence for people, and as a JSON Schema.
//! The three say the same; a test compares the check with the schema's pattern.

use serde_json::{Value, json};

use super::{DeploymentId, Invalid, StageName, is_printable};

/// What a text must be.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Whether a text is right.
    pub(super) check: fn(&str) -> Result<(), Invalid>,
    /// The rule for people.
    pub bounds: &'static str,
    /// The rule as a JSON Schema.
    pub schema: fn() -> Value,
}

pub(super) const DEPLOYMENT_ID: Rule = Rule {
    check: deployment_id,
    bounds: "a letter or digit, then letters, digits and `. _ : / @ -`; at most 128 characters; not `active`, and no \
             path that ends in `events` or `verify`",
    schema: || {
        json!({
            "type": "string",
            "pattern": "^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}$",
            "not": {"pattern": "^active$|^(.*/)?(events|verify)$"},
        })
    },
};

pub(super) const NAME: Rule =
    Rule { check: |text| ascii(text, 128), bounds: "a name of up to 128", schema: || ascii_schema(128) };

pub(super) const LABEL: Rule =
    Rule { check: |text| ascii(text, 256), bounds: "a name of up to 256", schema: || ascii_schema(256) };

pub(super) const STAGE_NAME: Rule = Rule {
    check: stage_name,
    bounds: "1 to 128 printable characters in any script",
    schema: || {
        // No control character and none that turns the direction of text; at the ends no white space.
        let end = r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u200e\u200f\u2028-\u202f\u205f\u2066-\u2069\u3000]";
        let inner = r"[^\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]";
        json!({
            "type": "string",
            "minLength": 1,
            "maxLength": StageName::CHARACTERS,
            "pattern": format!("^{end}({inner}*{end})?$"),
        })
    },
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

fn ascii(text: &str, most: usize) -> Result<(), Invalid> {
    let printable = text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'#');
    if text.is_empty() || text.len() > most || !printable || text.trim() != text {
        return Err(Invalid(format!(
            "must be 1 to {most} printable ASCII characters without `#`, with no space at either end"
        )));
    }
    Ok(())
}

fn ascii_schema(most: usize) -> Value {
    json!({
        "type": "string",
        "minLength": 1,
        "maxLength": most,
        "pattern": r#"^[!"$-~]([ !"$-~]*[!"$-~])?$"#,
    })
}

fn stage_name(text: &str) -> Result<(), Invalid> {
    let count = text.chars().count();
    if count == 0 || count > StageName::CHARACTERS || !text.chars().all(is_printable) || text.trim() != text {
        return Err(Invalid("must be 1 to 128 characters of printable text, with no space at either end".into()));
    }
    Ok(())
}
