//! What the matrix shows of a place: one answer where its regions agree, and each region's own.

use crate::Region;
use crate::live::cell::Cell;
use crate::live::last_attempt::LastAttempt;
use crate::live::resolve::Live;

/// What is shown of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What runs; nothing where regions disagree.
    pub live: Live,
    /// Whether regions disagree.
    pub mixed: bool,
    /// What runs in each region, by name; empty where none is named.
    pub regions: Vec<ShownRegion>,
    /// The last attempt in any of them.
    pub last_attempt: Option<LastAttempt>,
}

/// What is shown of a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownRegion {
    /// The region.
    pub region: Region,
    /// What runs.
    pub live: Live,
    /// The last attempt that was about it.
    pub last_attempt: Option<LastAttempt>,
}

impl Cell {
    /// What is shown of the place. None where nothing has ended yet, and where all that ran was taken away.
    #[must_use]
    pub fn shown(&self) -> Option<Shown> {
        if self.regions.is_empty() {
            let last_attempt = self.last().map(LastAttempt::from);
            let listed = self.live.is_listed(last_attempt.as_ref());
            let shown = Shown { live: self.live.clone(), mixed: false, regions: Vec::new(), last_attempt };
            return listed.then_some(shown);
        }
        let regions: Vec<ShownRegion> = self.regions.keys().filter_map(|region| self.region(region)).collect();
        if regions.is_empty() {
            return None;
        }
        let live = agreed(&regions);
        let last_attempt = self.newest_attempt().map(LastAttempt::from);
        Some(Shown { mixed: live.is_none(), live: live.unwrap_or_default(), regions, last_attempt })
    }

    /// What is shown of the place, where places that were emptied are asked for too.
    #[must_use]
    pub fn shown_emptied(&self) -> Shown {
        let last_attempt = self.newest_attempt().map(LastAttempt::from);
        let emptied = Shown { live: Live::default(), mixed: false, regions: Vec::new(), last_attempt };
        self.shown().unwrap_or(emptied)
    }

    /// What is shown of one region of the place.
    #[must_use]
    pub fn shown_in(&self, region: &Region) -> Option<Shown> {
        let region = self.region(region)?;
        let (live, last_attempt) = (region.live.clone(), region.last_attempt.clone());
        Some(Shown { live, mixed: false, regions: vec![region], last_attempt })
    }

    fn region(&self, region: &Region) -> Option<ShownRegion> {
        let of_region = self.regions.get(region)?;
        let last_attempt = of_region.last.clone().map(LastAttempt::from);
        let listed = of_region.live.is_listed(last_attempt.as_ref());
        listed.then(|| ShownRegion { region: region.clone(), live: of_region.live.clone(), last_attempt })
    }
}

/// Whether regions disagree, of which these run: in their versions, or in the commits that are known. A region where
/// nothing runs says nothing.
pub(crate) fn disagree<'l>(lives: impl Iterator<Item = &'l Live>) -> bool {
    let lives: Vec<&Live> = lives.filter(|live| live.is_running()).collect();
    let mut commits = lives.iter().filter_map(|live| live.commit.as_ref());
    let commit = commits.next();
    commits.any(|other| Some(other) != commit) || lives.windows(2).any(|two| two[0].version != two[1].version)
}

/// What runs in all of these regions where anything does; none where they disagree. How it came is told by the
/// newest landing. A region that nothing ever landed in says nothing: an attempt that failed changes no version.
fn agreed(regions: &[ShownRegion]) -> Option<Live> {
    let lives: Vec<&Live> = regions.iter().map(|region| &region.live).filter(|live| live.is_running()).collect();
    if lives.is_empty() {
        return Some(Live::default());
    }
    if disagree(lives.iter().copied()) {
        return None;
    }
    let version = common(lives.iter().map(|live| live.version.clone()))?;
    let since = lives.iter().filter_map(|live| live.since).max();
    let newest = lives.iter().filter(|live| live.since == since);
    Some(Live {
        version,
        commit: common(lives.iter().map(|live| live.commit.clone())).flatten(),
        since,
        deployment_id: common(newest.clone().map(|live| live.deployment_id.clone())).flatten(),
        change: common(newest.map(|live| live.change)).flatten(),
        ..Live::default()
    })
}

/// The one value that all have.
fn common<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
