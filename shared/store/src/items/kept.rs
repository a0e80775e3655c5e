//! What figures are counted from, day by day.

use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use domain::identifiers::Identifier as _;
use domain::ledger::changed::ChangedFigures;
use domain::questions::delivery::OfDay;
use domain::questions::delivery::of_day::Basis;
use domain::{Day, DeploymentId, Environment, Timestamp};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::keys::Key;
use crate::keys::kept::{CHANGED, THROUGH, changed_key, of_day_key, through_key};

/// How long the text of a part is at most: an item has room for 400 KB.
const PART_BYTES: usize = 300_000;
/// How long that is at most once it is unpacked: what is stored by others is not trusted to be ours.
const UNPACKED_BYTES: u64 = 64 * 1024 * 1024;

/// A part of what happened in an environment on a day, as it is stored: a year of it is read at once, so it is packed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfDayItem {
    pk: String,
    sk: String,
    /// What happened, as JSON, deflated, in base64.
    facts: String,
}

impl OfDayItem {
    /// How many parts a day has at most: they are written at once.
    pub const MOST: usize = 12;

    /// The parts of a day; none where nothing happened.
    ///
    /// # Errors
    /// When it can't be packed.
    pub fn parts(environment: &Environment, day: Day, facts: &OfDay) -> Result<Vec<Self>, StoreError> {
        let mut packed = Vec::new();
        if *facts != OfDay::default() {
            pack(facts, &mut packed)?;
        }
        let parts = packed.into_iter().enumerate().map(|(number, facts)| {
            let Key { partition: pk, sort: sk } = of_day_key(environment, day, number);
            Self { pk, sk, facts }
        });
        Ok(parts.collect())
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(self.pk.as_str(), self.sk.as_str())
    }

    /// What happened.
    ///
    /// # Errors
    /// When it is not what we pack.
    pub fn facts(&self) -> Result<OfDay, StoreError> {
        let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable("figures of a day", error);
        let packed = BASE64.decode(&self.facts).map_err(|e| unreadable(&e))?;
        let mut text = Vec::new();
        DeflateDecoder::new(&*packed).take(UNPACKED_BYTES).read_to_end(&mut text).map_err(|e| unreadable(&e))?;
        serde_json::from_slice(&text).map_err(|e| unreadable(&e))
    }
}

/// Packs what happened, in halves where it is too much for one part.
fn pack(facts: &OfDay, packed: &mut Vec<String>) -> Result<(), StoreError> {
    let unreadable = |error: &dyn std::fmt::Display| StoreError::unreadable("figures of a day", error);
    let text = serde_json::to_vec(facts).map_err(|e| unreadable(&e))?;
    let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
    deflated.write_all(&text).map_err(|e| unreadable(&e))?;
    let part = BASE64.encode(deflated.finish().map_err(|e| unreadable(&e))?);
    let halves = if part.len() > PART_BYTES { facts.halves() } else { None };
    let Some((one, other)) = halves else {
        packed.push(part);
        return Ok(());
    };
    pack(&one, packed)?;
    pack(&other, packed)
}

/// Until which day the figures of an environment are kept, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThroughItem {
    pk: String,
    sk: String,
    /// The last day that is kept: what is not kept of it, or of an earlier day, did not happen.
    pub through: Day,
    /// What they were made by.
    #[serde(flatten)]
    pub basis: Basis,
    /// The number of this item: each change makes it one more.
    pub revision: u64,
}

impl ThroughItem {
    /// The attribute that is compared before it is written.
    pub const GUARD: &str = "revision";

    /// The item after the one that was read.
    #[must_use]
    pub fn next(environment: &Environment, through: Day, basis: Basis, read: Option<u64>) -> Self {
        let Key { partition: pk, sort: sk } = through_key(environment);
        Self { pk, sk, through, basis, revision: read.map_or(1, |read| read + 1) }
    }

    /// Whose figures these are; none where the key is not ours.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        Environment::from_key_part(self.sk.strip_prefix(THROUGH)?).ok()
    }
}

/// That figures are to be made again, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedItem {
    pk: String,
    sk: String,
    /// From this day on.
    pub since: Day,
    /// When that was noted, in milliseconds.
    pub noted_at: i64,
}

impl ChangedItem {
    /// The item of what a record changes.
    #[must_use]
    pub fn of(changed: &ChangedFigures, id: &DeploymentId, sequence: u64, now: Timestamp) -> Self {
        let Key { partition: pk, sort: sk } = changed_key(changed, id, sequence);
        Self { pk, sk, since: changed.since, noted_at: now.millis() }
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::new(self.pk.as_str(), self.sk.as_str())
    }

    /// Whose figures these are; none where they can be of any environment.
    #[must_use]
    pub fn environment(&self) -> Option<Environment> {
        let (environment, _) = self.sk.strip_prefix(CHANGED)?.split_once('#')?;
        Environment::from_key_part(environment).ok()
    }
}
