//! What an anchor says of a chain.

use serde::{Deserialize, Serialize};

use super::merkle;
use crate::{Timestamp, json};

/// The head of a chain when it was anchored. In a file it is an array: subject, sequence, head.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "(String, u64, String)", into = "(String, u64, String)")]
pub struct Leaf {
    /// What the chain is of: the partition of the history that it stands in.
    pub subject: String,
    /// How many entries it had.
    pub sequence: u64,
    /// The hash of the last of them.
    pub head: String,
}

/// What is hashed of a leaf.
#[derive(Serialize)]
struct Hashed<'a> {
    head: &'a str,
    sequence: u64,
    subject: &'a str,
}

impl Leaf {
    /// The hash of the leaf in the tree, over its canonical text (RFC 8785): an object of its three fields.
    #[must_use]
    pub fn hash(&self) -> merkle::Hash {
        let Self { subject, sequence, head } = self;
        // A struct of texts and a number always has a canonical text.
        merkle::leaf(json::canonical(&Hashed { head, sequence: *sequence, subject }).unwrap_or_default().as_bytes())
    }
}

impl From<(String, u64, String)> for Leaf {
    fn from((subject, sequence, head): (String, u64, String)) -> Self {
        Self { subject, sequence, head }
    }
}

impl From<Leaf> for (String, u64, String) {
    fn from(leaf: Leaf) -> Self {
        (leaf.subject, leaf.sequence, leaf.head)
    }
}

/// An entry of a chain, as much of it as an anchor is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainEntry {
    /// Its number, from 1.
    pub sequence: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Its hash.
    pub hash: String,
}
