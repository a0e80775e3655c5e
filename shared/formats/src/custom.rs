//! Custom sources: webhooks of tools that this system doesn't know, read by a user's mappings. One says
//! how a tool proves itself, which of its payloads are about a deployment, and where in them the fields of our
//! event stand.
//!
//! ```text
//! payload ─ proof ─ when ─► fields by their paths ─► our own event ─ judged as any
//! ```
//!
//! `docs/sources/custom.md` describes mappings for those who write them.

mod condition;
mod field;
mod fields;
mod parse;
mod path;
mod proof;
mod read;
mod value;

use std::fmt;
use std::sync::Arc;

use domain::fields::Unknown;
use domain::identifiers::Source;
use domain::{FieldError, Timestamp};
use serde_json::Value;

use self::condition::Condition;
use self::field::Field;
use self::proof::CustomProof;
use crate::door::Door;
use crate::payload::Payload;
use crate::proof::{Secret, Unproven};
use crate::source::FACTS_OF_ALL;

/// What begins the names of custom sources in rules, and among the secrets: `custom:azure`.
pub(crate) const PREFIX: &str = "custom:";

/// A user's custom sources. The default is none.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomSources(Vec<Arc<CustomSource>>);

/// A custom source: a tool's name with the mapping of its payloads.
#[derive(PartialEq)]
pub struct CustomSource {
    /// Its name: in its route, and the source of its events.
    name: Source,
    /// What rules and secrets know it by.
    key: String,
    /// Its door's name.
    door: String,
    proof: CustomProof,
    answer: Option<u16>,
    when: Vec<Condition>,
    fields: Vec<Field>,
}

impl CustomSources {
    /// How many there may be.
    pub const MOST: usize = 50;

    /// Reads custom sources out of the array of their mappings, which stands under `sources` in the settings.
    ///
    /// # Errors
    /// All that is wrong with them, each with its path: `sources[0].event.status.path`.
    pub fn parse(sources: Value) -> Result<Self, Vec<FieldError>> {
        Self::read(sources, Unknown::Refused)
    }

    /// The same, with this done to unknown fields.
    ///
    /// # Errors
    /// As of [`parse`](Self::parse).
    pub fn read(sources: Value, unknown: Unknown) -> Result<Self, Vec<FieldError>> {
        parse::sources(sources, unknown).map(|sources| Self(sources.into_iter().map(Arc::new).collect()))
    }

    /// The one with this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<CustomSource>> {
        self.0.iter().find(|source| source.name.as_str() == name)
    }

    /// The door with this name: of one of these, `custom/<name>`, or any other.
    #[must_use]
    pub fn door(&self, name: &str) -> Option<Door> {
        let own = self.0.iter().find(|source| source.door == name);
        own.map_or_else(|| Door::named(name), |source| Some(Door::Custom(Arc::clone(source))))
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<CustomSource>> {
        self.0.iter()
    }
}

impl CustomSource {
    /// The facts that rules see of a payload: these fields, where the mapping gives them.
    pub const FACTS: [&str; 6] = ["service", "environment", "region", "release", "stage", "status"];

    /// These, and [those of all sources](crate::FACTS_OF_ALL).
    pub(crate) fn facts() -> impl Iterator<Item = &'static str> {
        Self::FACTS.into_iter().chain(FACTS_OF_ALL)
    }

    /// Its name: at the end of its route `/v1/webhooks/custom/<name>`, and the source of its events.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// What rules and secrets know it by: `custom:<name>`.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The name of its door: `custom/<name>`.
    #[must_use]
    pub fn door(&self) -> &str {
        &self.door
    }

    /// The status that each of its payloads that is not refused is answered with, where the mapping says so.
    #[must_use]
    pub fn answer(&self) -> Option<u16> {
        self.answer
    }

    /// Whether one of these secrets proves that its tool sent a payload.
    ///
    /// # Errors
    /// What is wrong, without what would be right.
    pub fn prove(&self, secrets: &[Secret], payload: &Payload<'_>) -> Result<(), Unproven> {
        self.proof.check(secrets, payload)
    }

    /// Reads what its tool sent.
    pub(crate) fn read(
        &self,
        payload: &Payload<'_>,
        now: Timestamp,
    ) -> Result<crate::reading::Read, crate::rejection::Rejection> {
        read::read(self, payload, now)
    }
}

impl fmt::Debug for CustomSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CustomSource").field(&self.name.as_str()).finish()
    }
}

/// Whether a text can be the name of a custom source.
pub(crate) fn is_name(text: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=64).contains(&text.len()) && text.chars().all(known)
}
