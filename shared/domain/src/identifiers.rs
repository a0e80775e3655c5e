//! Identifiers as types: a value of one of these cannot hold what our keys, pages and messages
//! could not carry. None may contain `#`, which separates the parts of a key.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why a text is not an identifier, as a sentence that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// A text with rules of its own: each identifier below is one.
pub trait Identifier: Sized {
    /// Reads `text`.
    ///
    /// # Errors
    /// [`Invalid`] says which rule the text breaks.
    fn parse(text: &str) -> Result<Self, Invalid>;
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Identifier for $name {
            fn parse(text: &str) -> Result<Self, Invalid> {
                let check: fn(&str) -> Result<(), Invalid> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

identifier! {
    /// What one deployment is called: `[A-Za-z0-9][A-Za-z0-9._:/@-]{0,127}`, and not a text that
    /// would read as a route (`active`, or ending in `/events` or `/verify`).
    DeploymentId, deployment_id
}
identifier! {
    /// What is deployed: 1 to 128 printable ASCII characters.
    Service, |text| ascii(text, 128)
}
identifier! {
    /// Where it is deployed: 1 to 128 printable ASCII characters; some tools have spaces in them.
    Environment, |text| ascii(text, 128)
}
identifier! {
    /// Which version of a service: 1 to 256 printable ASCII characters.
    Version, |text| ascii(text, 256)
}
identifier! {
    /// Which commit a version was built from: 1 to 256 printable ASCII characters.
    Commit, |text| ascii(text, 256)
}
identifier! {
    /// A producer's idempotency key: 1 to 256 printable ASCII characters.
    EventId, |text| ascii(text, 256)
}
identifier! {
    /// Who reports, by tool: `native`, `aws.codepipeline`, `github`; 1 to 128 printable ASCII characters.
    Source, |text| ascii(text, 128)
}
identifier! {
    /// Any other short name that comes with an event (artifact, build number, region, release):
    /// 1 to 256 printable ASCII characters.
    Label, |text| ascii(text, 256)
}
identifier! {
    /// A step of a deployment: 1 to 128 characters of printable text in any script. Part of no key.
    StageName, stage_name
}

impl DeploymentId {
    /// The longest id, in bytes.
    pub const BYTES: usize = 128;
    /// How the ids of incidents begin, and no others.
    pub const INCIDENT: &str = "incident:";

    /// Whether it is the id of an incident, which is recorded as a deployment is, and is none. Its id
    /// alone tells, so that no order of arrival can change it.
    #[must_use]
    pub fn is_incident(&self) -> bool {
        self.0.starts_with(Self::INCIDENT)
    }
}

impl Environment {
    /// The environment of a deployment that none has named yet. It is never guessed.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl Service {
    /// The service of a deployment that none has named yet.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

impl StageName {
    /// The longest name, in characters.
    pub const CHARACTERS: usize = 128;
    /// The stage of a stage event whose tool left the name out.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }
}

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

fn stage_name(text: &str) -> Result<(), Invalid> {
    let count = text.chars().count();
    if count == 0 || count > StageName::CHARACTERS || !text.chars().all(is_printable) || text.trim() != text {
        return Err(Invalid("must be 1 to 128 characters of printable text, with no space at either end".into()));
    }
    Ok(())
}

/// Whether a character shows as what it is: no control character, and none that turns the direction
/// of the text after it.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What makes an event the same event: equal for every delivery of it, different for any other
/// event of its deployment. 128 bits of SHA-256 as 22 characters of base64url.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventKey(String);

impl EventKey {
    /// The key of an event whose producer gave it an id: unique per (source, id).
    #[must_use]
    pub fn of_id(source: &Source, id: &EventId) -> Self {
        Self::digest(&["id", source.as_str(), id.as_str()])
    }

    /// The key of an event without an id: that of its content.
    #[must_use]
    pub fn of_content(payload_hash: &str) -> Self {
        Self::digest(&["content", payload_hash])
    }

    /// The key as it was stored, which need not be the one that the event should have.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn digest(parts: &[&str]) -> Self {
        use base64::Engine as _;
        // `#` cannot occur in a part, so joined parts cannot be taken for others.
        let hash = Sha256::digest(parts.join("#"));
        Self(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&hash[..16]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_id_takes_what_tools_use_and_nothing_that_breaks_a_key_or_route() {
        let long = "a".repeat(128);
        for good in ["d-1", "ecs-svc/123", "github:owner/repo:1", "arn:aws:codepipeline:x:1:p", &long, "events-1"] {
            assert!(DeploymentId::parse(good).is_ok(), "{good}");
        }
        let longer = "a".repeat(129);
        for bad in ["", " d", "d 1", "d#1", "d\n", "d\0", "-d", "é", &longer, "active", "a/events", "verify"] {
            assert!(DeploymentId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_keep_inner_spaces_but_no_control_characters_or_separators() {
        assert!(Environment::parse("my production").is_ok());
        for bad in ["", " prod", "prod ", "prod#1", "prod\u{7}", "größe"] {
            assert!(Environment::parse(bad).is_err(), "{bad:?}");
        }
        assert!(StageName::parse("Prüfung #2").is_ok());
        assert!(StageName::parse("a\u{1b}[31m").is_err());
    }
}
