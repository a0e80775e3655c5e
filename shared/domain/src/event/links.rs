//! Named `https` links.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::limits::Limits;
use super::schema_pieces::text;
use super::slot::{Essentials, Slot};
use crate::Timestamp;
use crate::fields::Fields;

impl Slot for BTreeMap<String, String> {
    const BOUNDS: &'static str =
        "an object of at most 16: names of 1 to 64 printable characters, `https` URLs of at most 2048 bytes";

    fn schema() -> Value {
        // A letter or digit of any script, then neither white space nor a control character nor what quotes.
        let url = concat!(
            r"^https://[\p{Alphabetic}\p{N}]",
            r#"[^\u0000-\u0020"'<>\\`\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$"#,
        );
        let mut link = text(Limits::LINK_BYTES);
        link["pattern"] = json!(url);
        json!({
            "type": "object",
            "maxProperties": Limits::LINKS,
            "propertyNames": {"minLength": 1, "maxLength": 64, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"},
            "additionalProperties": link,
        })
    }

    fn initial(_: &Essentials) -> Self {
        Self::new()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let Some((field, object)) = from.object(names) else { return Some(Self::new()) };
        if object.len() > Limits::LINKS {
            from.wrong(field, format!("must have at most {} links", Limits::LINKS));
        }
        let mut links = Self::new();
        for (name, value) in object {
            let link = value.as_str().filter(|link| is_https(link));
            match link {
                Some(link) if is_link_name(&name) => {
                    links.insert(name, link.to_owned());
                }
                _ => {
                    let says = "must map names (1 to 64 printable characters) to https URLs of at most 2048 bytes";
                    from.wrong(field, says);
                    break;
                }
            }
        }
        Some(links)
    }
}

fn is_link_name(name: &str) -> bool {
    (1..=64).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Whether `link` is an https URL that can stand in a page as it is: a host, and no space, quote,
/// angle bracket or control character.
#[must_use]
pub fn is_https(link: &str) -> bool {
    let rest = link.strip_prefix("https://").unwrap_or_default();
    link.len() <= Limits::LINK_BYTES
        && rest.chars().next().is_some_and(char::is_alphanumeric)
        && !link.chars().any(|c| c.is_control() || c.is_whitespace() || "\"'<>\\`".contains(c))
}
