//! What a rebuild found: each difference, together with the write that mends it.

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
    /// Each item of the state that is not what history says, with what is different.
    pub differences: Vec<String>,
    /// What makes the state what history says.
    pub(crate) repairs: Vec<Repair>,
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
        self.differences.extend(difference.items);
        self.repairs.push(difference.repair);
    }
}
