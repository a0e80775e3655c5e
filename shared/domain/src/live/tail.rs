//! The newest part of a place's log, which stands beside the answer.

use serde::{Deserialize, Serialize};

use crate::ledger::commit::LogChange;
use crate::live::last_attempt::LastAttempt;
use crate::live::log::Entry;
use crate::live::resolve::{Live, NEWEST, ReadFurther, resolve, resolve_newest};

/// The newest part of a place's log, kept with the answer so that the next ending can be added
/// without reading the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Tail {
    /// The newest entries that change what runs, newest first, at most [`Tail::MOST`].
    pub landings: Vec<Entry>,
    /// Whether there are older ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// The newest entry that changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub miss: Option<Entry>,
}

impl Tail {
    /// How many entries that change what runs are kept.
    pub const MOST: usize = NEWEST;

    /// Adds an entry, in whatever order they come; one that is there already changes nothing.
    pub fn add(&mut self, entry: Entry) {
        if !entry.effect.changes_live() {
            self.miss = self.miss.take().max(Some(entry));
            return;
        }
        match self.landings.binary_search_by(|other| entry.cmp(other)) {
            Ok(_) => {}
            Err(at) => self.landings.insert(at, entry),
        }
        if self.landings.len() > Self::MOST {
            self.landings.truncate(Self::MOST);
            self.cut = true;
        }
    }

    /// This tail with the entries that `change` adds.
    #[must_use]
    pub fn with_added(mut self, change: &LogChange) -> Self {
        change.added.keys().for_each(|entry| self.add(entry.clone()));
        self
    }

    /// What runs.
    ///
    /// # Errors
    /// [`ReadFurther`] when these entries are not enough.
    pub fn live(&self) -> Result<Live, ReadFurther> {
        resolve(&self.landings, !self.cut)
    }

    /// How the last deployment ended.
    #[must_use]
    pub fn last_attempt(&self) -> Option<LastAttempt> {
        LastAttempt::of_newest(&self.landings, self.miss.as_ref())
    }
}

impl LogChange {
    /// Whether it corrects entries that are stored already. Then the tail that was kept is of no use:
    /// an older entry can move up into the new one, so the log is read.
    #[must_use]
    pub fn corrects_stored(&self) -> bool {
        self.superseded.iter().any(|superseded| superseded.known_from.is_none())
    }

    /// Whether it corrects this stored entry.
    #[must_use]
    pub fn corrects(&self, stored: &Entry) -> bool {
        self.superseded.iter().any(|superseded| superseded.known_from.is_none() && superseded.entry == *stored)
    }

    /// What runs after this change, given the stored entries that change what runs, read newest first
    /// so far, without those that it corrects. `oldest` is the last entry that was read; none when the
    /// log is read to its end.
    ///
    /// # Errors
    /// [`ReadFurther`] when more of the log is needed.
    pub fn live_after(&self, stored: &[Entry], oldest: Option<&Entry>) -> Result<Live, ReadFurther> {
        // Older than what was read there may be stored entries that are newer than an added one.
        let reached = self
            .added
            .keys()
            .filter(|entry| entry.effect.changes_live())
            .filter(|entry| oldest.is_none_or(|oldest| *entry >= oldest));
        let mut landings: Vec<Entry> = stored.iter().chain(reached).cloned().collect();
        landings.sort_unstable_by(|a, b| b.cmp(a));
        landings.dedup();
        resolve_newest(&landings, oldest.is_none())
    }
}
