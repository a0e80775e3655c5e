//! Identifiers as types: a value of one of these cannot hold what our keys, pages and messages
//! could not carry.
//!
//! Names may be in any script. They are kept in Unicode's normal form C, so that a name that is written in
//! two ways is one name.

mod ascii;
mod characters;
mod event_key;
pub mod key_part;
mod of_environment;
mod principal;
mod rule;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use ascii::ascii;
pub use characters::{is_format, is_printable, normalised};
pub use event_key::EventKey;
pub use principal::Principal;
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

    /// Reads what stands in a key as [a part](key_part).
    ///
    /// # Errors
    /// [`Invalid`] where it is none.
    fn from_key_part(part: &str) -> Result<Self, Invalid> {
        let name = key_part::unescape(part).ok_or_else(|| Invalid(format!("{part:?} is no part of a key")))?;
        Self::parse(&name)
    }
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident, $rule:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
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
                (Self::RULE.read)(text).map(Self)
            }
        }

        /// As it was recorded.
        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                (Self::RULE.recorded)(&text).map(|()| Self(text))
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
    /// What is deployed: 1 to 128 characters of printable text in any script.
    Service, rule::NAME
}
identifier! {
    /// Where it is deployed: 1 to 128 characters of printable text in any script, such as `PR #12`.
    Environment, rule::NAME
}
identifier! {
    /// Which version of a service: 1 to 256 characters of printable text.
    Version, rule::LABEL
}
identifier! {
    /// Which commit a version was built from: 1 to 256 characters of printable text.
    Commit, rule::LABEL
}
identifier! {
    /// A producer's idempotency key: 1 to 256 characters of printable text.
    EventId, rule::LABEL
}
identifier! {
    /// Who reports, by tool: `native`, `aws.codepipeline`, `github`; 1 to 128 characters of printable
    /// text.
    Source, rule::NAME
}
identifier! {
    /// A part of an environment that can run another version than the rest: 1 to 128 characters of printable
    /// text, such as `us-west-2`.
    Region, rule::NAME
}
identifier! {
    /// Any other short name that comes with an event (artifact, build number, release):
    /// 1 to 256 characters of printable text.
    Label, rule::LABEL
}
identifier! {
    /// A step of a deployment: 1 to 128 characters of printable text in any script. Part of no key.
    StageName, rule::NAME
}

impl DeploymentId {
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

    /// The environment under which metrics count that would be too many.
    #[must_use]
    pub(crate) fn other() -> Self {
        Self("other".to_owned())
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
    pub const CHARACTERS: usize = rule::NAME_CHARACTERS;
    /// The longest name, in bytes.
    pub const BYTES: usize = rule::NAME_BYTES;
    /// The stage of a stage event whose tool left the name out.
    #[must_use]
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
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
    fn a_name_is_printable_text_in_any_script() {
        let longest = "生".repeat(128);
        for good in
            ["my production", "PR #12", "🚀 prod", "Größe", "生产", "बिल्ड", "100%", "a/b", "❤\u{fe0f}", &longest]
        {
            assert_eq!(Environment::parse(good).unwrap().as_str(), good);
            assert!(StageName::parse(good).is_ok() && Version::parse(good).is_ok(), "{good}");
        }
        let hidden = [
            "a\u{7}",
            "a\u{1b}[31m",
            "a\u{85}",
            "\u{202e}a",
            "a\u{200d}b",
            "a\u{ad}",
            "\u{e000}",
            "\u{378}",
            "a\u{2028}b",
        ];
        let spaced = ["", " a", "a ", "a\u{a0}", "\u{3000}a"];
        for bad in hidden.iter().chain(&spaced).copied().chain([&*"生".repeat(129), &*"🚀".repeat(97)]) {
            assert!(Environment::parse(bad).is_err() && StageName::parse(bad).is_err(), "{bad:?}");
        }
        let error = Environment::parse("a\u{200b}").unwrap_err().to_string();
        assert!(error.ends_with("this has U+200B"), "{error}");
        assert!(Version::parse(&"🚀".repeat(256)).is_ok() && Version::parse(&"v".repeat(257)).is_err());
    }

    #[test]
    fn a_name_is_the_same_however_its_accents_are_written() {
        let (composed, decomposed) = ("Gr\u{f6}\u{df}e", "Gro\u{308}\u{df}e");
        assert_eq!(Service::parse(decomposed), Service::parse(composed));
        assert_eq!(Service::parse(decomposed).unwrap().as_str(), composed);
        assert!(Service::parse(&"o\u{308}".repeat(128)).is_ok(), "what counts is the normal form");
    }

    #[test]
    fn what_was_recorded_is_read_as_it_is() {
        for recorded in ["gro\u{308}\u{df}e", "a\u{200d}b", " a", &*"a".repeat(1000)] {
            let read: StageName = serde_json::from_value(recorded.into()).unwrap();
            assert_eq!(read.as_str(), recorded);
        }
        assert!(serde_json::from_value::<StageName>("a\u{1b}b".into()).is_err());
    }
}
