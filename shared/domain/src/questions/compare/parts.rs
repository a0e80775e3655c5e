//! What is compared of a place: all of it, or each region where regions disagree.

use std::collections::BTreeSet;

use crate::Region;
use crate::live::{Cell, Live, Shown};

/// What is compared: a region of both environments, or, without one, all of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The region.
    pub region: Option<Region>,
    /// What runs there in the environment from which changes come.
    pub from: Live,
    /// What runs there in the environment to which they go.
    pub to: Live,
}

/// What is shown of a place, where anything runs.
#[must_use]
pub fn running(cell: &Cell) -> Option<Shown> {
    cell.shown().filter(|shown| shown.mixed || shown.live.is_running())
}

/// What is compared of a service in two environments: each region that either shows, where the regions of one
/// disagree, else all of it.
#[must_use]
pub fn parts(from: &Cell, to: &Cell) -> Vec<Part> {
    let (shown_from, shown_to) = (running(from), running(to));
    let shown = || shown_from.iter().chain(&shown_to);
    let regions: BTreeSet<Option<Region>> = if shown().any(|shown| shown.mixed) {
        shown().flat_map(|shown| &shown.regions).map(|of| Some(of.region.clone())).collect()
    } else {
        BTreeSet::from([None])
    };
    let part = |region: Option<Region>| Part {
        from: live(from, shown_from.as_ref(), region.as_ref()),
        to: live(to, shown_to.as_ref(), region.as_ref()),
        region,
    };
    regions.into_iter().map(part).collect()
}

/// What runs in a region: in one that no deployment there named, what is about the whole environment.
fn live(cell: &Cell, shown: Option<&Shown>, region: Option<&Region>) -> Live {
    match region {
        Some(region) => cell.regions.get(region).map_or(&cell.live, |of_region| &of_region.live).clone(),
        None => shown.map(|shown| shown.live.clone()).unwrap_or_default(),
    }
}
