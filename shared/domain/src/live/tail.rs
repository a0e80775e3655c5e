//! The newest part of a place's log, which stands beside the answer.

use serde::{Deserialize, Serialize};

use crate::live::last_attempt::Attempt;
use crate::live::log::{Effect, Entry};

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
    /// The newest entry that changes nothing, as cells had it before they had their last attempt.
    #[serde(default, skip_serializing)]
    miss: Option<Entry>,
}

impl Tail {
    /// How many entries that change what runs are kept.
    pub const MOST: usize = 10;

    /// The newest part of these entries, newest first, of which `whole` says that they are all.
    #[must_use]
    pub fn of(newest_first: &[Entry], whole: bool) -> Self {
        let landings: Vec<Entry> = newest_first.iter().take(Self::MOST).cloned().collect();
        Self { cut: !whole || landings.len() < newest_first.len(), landings, miss: None }
    }

    /// Whether so many deployments can have completed in the place, as far as this says.
    #[must_use]
    pub fn may_have_completed(&self, count: usize) -> bool {
        self.cut || self.landings.iter().filter(|entry| entry.effect == Effect::Completed).count() >= count
    }

    /// Adds an entry, in whatever order they come; one that is there already, or that changes nothing,
    /// changes nothing.
    pub fn add(&mut self, entry: &Entry) {
        if !entry.effect.changes_live() {
            return;
        }
        match self.landings.binary_search_by(|other| entry.cmp(other)) {
            Ok(_) => {}
            Err(at) => self.landings.insert(at, entry.clone()),
        }
        if self.landings.len() > Self::MOST {
            self.landings.truncate(Self::MOST);
            self.cut = true;
        }
    }

    /// The newest attempt, where it is not kept on its own.
    pub(super) fn last(&self) -> Option<Attempt> {
        self.landings.iter().chain(&self.miss).filter_map(Attempt::of).max()
    }
}
