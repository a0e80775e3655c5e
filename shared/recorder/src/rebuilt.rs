//! What a rebuild found: each difference, together with the write that mends it.

use std::collections::HashSet;

use domain::Timestamp;
use domain::anchors::Wrong;
use domain::live::{Cell, Place};
use store::{Item, Key};

/// What a rebuild found.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// How many deployments were recomputed.
    pub deployments: usize,
    /// How many events they have.
    pub events: usize,
    /// How many deployments were found that could not be recomputed, because history that is not kept
    /// for ever has no longer all of their events. To verify them says why.
    pub left: usize,
    /// Whose history is not what was recorded, so that no state follows from it.
    pub broken: Vec<Broken>,
    /// Where the history is not what anchors say, day by day; what is broken for it is in `broken` too.
    pub unanchored: Vec<Wrong>,
    /// Each item of the state that is not what history says, with what is different.
    pub differences: Vec<String>,
    /// What makes the state what history says.
    pub(crate) found: Vec<Difference>,
}

/// A history that is not what was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Whose it is: `deployment cart-7`.
    pub subject: String,
    /// When what stands where it begins to be wrong was recorded, where anything stands.
    pub since: Option<Timestamp>,
    /// What is wrong.
    pub problems: Vec<String>,
}

/// Items that are not what history says, and what mends them.
#[derive(Debug)]
pub(crate) struct Difference {
    /// What is different, a sentence for each item.
    pub(crate) items: Vec<String>,
    /// What mends it.
    pub(crate) repair: Repair,
}

/// What mends a difference.
#[derive(Debug)]
pub(crate) enum Repair {
    /// An item that no other writer changes.
    Put(Item),
    /// An item that history knows nothing of.
    Remove(Key),
    /// A summary, while its sequence is still the one read.
    Summary { item: Item, read: Option<u64> },
    /// The cell of a place and what it follows from, while the cell's revision is still the one read.
    Place(Box<PlaceRepair>),
}

/// What mends a place.
#[derive(Debug)]
pub(crate) struct PlaceRepair {
    pub(crate) place: Place,
    /// What runs there.
    pub(crate) cell: Cell,
    /// The revision of the cell that was read; none when there was no cell.
    pub(crate) read: Option<u64>,
    /// Writes to its log, and to what is kept of the things that landed.
    pub(crate) writes: Vec<PlaceWrite>,
    /// How many of its items differ.
    pub(crate) differing: usize,
}

/// A write of a place.
#[derive(Debug)]
pub(crate) enum PlaceWrite {
    Put(Item),
    Remove(Key),
}

impl Rebuilt {
    pub(crate) fn add(&mut self, difference: Difference) {
        self.differences.extend(difference.items.iter().cloned());
        self.found.push(difference);
    }

    /// Whether history and state are right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.broken.is_empty() && self.unanchored.is_empty() && self.differences.is_empty()
    }

    /// Leaves out what was not found before: what is recorded meanwhile looks different each time.
    pub(crate) fn keep_what_was_found(&mut self, before: &Self) {
        let said: HashSet<(&str, &str)> = before.broken.iter().flat_map(Broken::each).collect();
        for broken in &mut self.broken {
            let Broken { subject, problems, .. } = broken;
            problems.retain(|problem| said.contains(&(subject.as_str(), problem.as_str())));
        }
        self.broken.retain(|broken| !broken.problems.is_empty());
        self.unanchored.retain(|wrong| before.unanchored.contains(wrong));
        let said: HashSet<&String> = before.differences.iter().collect();
        self.differences.retain(|difference| said.contains(difference));
        self.found.retain(|difference| difference.items.iter().any(|item| said.contains(item)));
    }
}

impl Broken {
    fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.problems.iter().map(|problem| (self.subject.as_str(), problem.as_str()))
    }
}
