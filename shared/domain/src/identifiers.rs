//! Identifiers as types: a value of one of these cannot hold what our keys, pages and messages
//! could not carry. None may contain `#`, which separates the parts of a key.

mod event_key;
mod rule;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use event_key::EventKey;
pub use rule::Rule;

/// Why a text is not an identifier, as a sentence that says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

/// A text with rules of its own: each identifier below is one.
pub trait Identifier: Sized {
    /// Its rule.
    const RULE: Rule;

    /// Reads `text`.
    ///
    /// # Errors
    /// [`Invalid`] says which rule the text breaks.
    fn parse(text: &str) -> Result<Self, Invalid>;
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $rule:expr) => {
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
            const RULE: Rule = $rule;

            fn parse(text: &str) -> Result<Self, Invalid> {
                (Self::RULE.check)(text).map(|()| Self(text.to_owned()))
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
    DeploymentId, rule::DEPLOYMENT_ID
}
identifier! {
    /// What is deployed: 1 to 128 printable ASCII characters.
    Service, rule::NAME
}
identifier! {
    /// Where it is deployed: 1 to 128 printable ASCII characters; some tools have spaces in them.
    Environment, rule::NAME
}
identifier! {
    /// Which version of a service: 1 to 256 printable ASCII characters.
    Version, rule::LABEL
}
identifier! {
    /// Which commit a version was built from: 1 to 256 printable ASCII characters.
    Commit, rule::LABEL
}
identifier! {
    /// A producer's idempotency key: 1 to 256 printable ASCII characters.
    EventId, rule::LABEL
}
identifier! {
    /// Who reports, by tool: `native`, `aws.codepipeline`, `github`; 1 to 128 printable ASCII characters.
    Source, rule::NAME
}
identifier! {
    /// Any other short name that comes with an event (artifact, build number, region, release):
    /// 1 to 256 printable ASCII characters.
    Label, rule::LABEL
}
identifier! {
    /// A step of a deployment: 1 to 128 characters of printable text in any script. Part of no key.
    StageName, rule::STAGE_NAME
}

impl DeploymentId {
    /// An id that is known to be one.
    pub(crate) fn known(text: String) -> Self {
        debug_assert!(Self::parse(&text).is_ok(), "{text:?} is an id");
        Self(text)
    }

    /// The longest id, in bytes.
    pub const BYTES: usize = 128;
    /// How the ids of incidents begin, and no others.
    pub const INCIDENT: &str = "incident:";

    /// Whether it is the id of an incident, which is recorded like a deployment, but is none. Its id
    /// alone decides, so that no order of arrival can change it.
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

/// Whether a character shows as what it is: no control character, and none that turns the direction
/// of the text after it.
#[must_use]
pub fn is_printable(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
