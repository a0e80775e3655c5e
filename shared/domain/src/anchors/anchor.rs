//! The anchor of a day, or of a moment: its record, and the leaves that it stands for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::extent::Extent;
use super::leaf::{ChainEntry, Leaf};
use super::merkle;
use super::series::Series;
use crate::{Timestamp, json};

/// The chains of a history: for each subject its entries in the order of their numbers.
pub type Chains = BTreeMap<String, Vec<ChainEntry>>;

/// What is signed and hashed of an anchor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnchorRecord {
    /// Its number, from 1 without gaps. A day can have several.
    pub number: u64,
    /// The day (`yyyy-mm-dd`, UTC) of `closedUntil`.
    pub day: String,
    /// How many leaves there are: the chains that changed since the anchor before.
    pub size: usize,
    /// The root of the tree over the leaves, 64 hexadecimal digits.
    pub root: String,
    /// The root of the anchor before; empty for the first.
    pub previous_root: String,
    /// The hash of the anchor before; empty for the first.
    pub previous_hash: String,
    /// When the first of the entries was recorded that are anchored here for the first time; null where there is none.
    pub first_recorded_at: Option<Timestamp>,
    /// When the last of them was recorded.
    pub last_recorded_at: Option<Timestamp>,
    /// Everything that was recorded up to this time is in this anchor or in one before it.
    pub closed_until: Timestamp,
}

/// An anchor as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Anchor {
    /// What it says.
    pub record: AnchorRecord,
    /// SHA-256 of the canonical text (RFC 8785) of the record, 64 hexadecimal digits.
    pub hash: String,
    /// A signature of the record's canonical text: ECDSA on P-256 with SHA-256, as DER in base64. Absent where
    /// nothing signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// The heads of the chains that changed, in the order of their subjects.
    pub leaves: Vec<Leaf>,
}

impl AnchorRecord {
    /// SHA-256 of the record's canonical text.
    #[must_use]
    pub fn hash(&self) -> String {
        json::sha256_hex(&self.text())
    }

    /// Its canonical text (RFC 8785): what is hashed, and signed.
    #[must_use]
    pub fn text(&self) -> String {
        // A struct of texts, numbers and times always has a canonical text.
        json::canonical(self).unwrap_or_default()
    }
}

impl Anchor {
    /// The name of its file: its number, in six digits or more, and its day.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("{:06}-{}.json", self.record.number, self.record.day)
    }

    /// Its name where no two may have one number: the number alone.
    #[must_use]
    pub fn vault_name(&self) -> String {
        format!("{:06}.json", self.record.number)
    }

    /// The text of its file.
    #[must_use]
    pub fn text(&self) -> String {
        // A struct of texts, numbers and times can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The root over leaves, as text.
pub(super) fn root(leaves: &[Leaf]) -> String {
    hex::encode(merkle::root(&leaves.iter().map(Leaf::hash).collect::<Vec<_>>()))
}

/// The anchor that follows a series, over these chains; none where the series reaches further already.
#[must_use]
pub fn next(series: &Series, chains: &Chains, extent: Extent) -> Option<Anchor> {
    let before = series.last();
    if before.is_some_and(|before| before.record.closed_until >= extent.closed_until) {
        return None;
    }
    let (mut leaves, mut times) = (Vec::new(), Vec::new());
    for (subject, entries) in chains {
        let anchored = series.anchored(subject);
        let is_new = |entry: &&ChainEntry| entry.sequence > anchored && !series.is_before(entry.recorded_at);
        let mut new = entries.iter().filter(is_new).filter(|entry| entry.recorded_at <= extent.until);
        times.extend(new.clone().map(|entry| entry.recorded_at));
        leaves.extend(new.next_back().map(|head| Leaf {
            subject: subject.clone(),
            sequence: head.sequence,
            head: head.hash.clone(),
        }));
    }
    let record = AnchorRecord {
        number: before.map_or(1, |before| before.record.number + 1),
        day: extent.closed_until.day(),
        size: leaves.len(),
        root: root(&leaves),
        previous_root: before.map(|before| before.record.root.clone()).unwrap_or_default(),
        previous_hash: before.map(|before| before.hash.clone()).unwrap_or_default(),
        first_recorded_at: times.iter().min().copied(),
        last_recorded_at: times.iter().max().copied(),
        closed_until: extent.closed_until,
    };
    Some(Anchor { hash: record.hash(), record, signature: None, leaves })
}
