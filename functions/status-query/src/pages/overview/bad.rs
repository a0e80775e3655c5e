//! What runs although it is bad for the environment that it runs in.

use std::collections::{BTreeMap, BTreeSet};

use api::{BadVersion, LiveCell};
use domain::identifiers::Identifier as _;
use domain::live::thing::Thing;
use domain::questions::asked::Asked;
use domain::questions::bad::{Known, Question, bad};
use domain::{Commit, Environment, Service, Timestamp, Version};
use pages::overview::RunsBad;
use store::{ReadItems, StoreError};

use crate::{SettingsInUse, StatusQuery};

/// Of how many services it is looked for: each takes a query.
const SERVICES: usize = 100;

/// What was found.
pub(super) struct Bad {
    pub(super) runs: Vec<RunsBad>,
    /// Of so many services nothing was looked for.
    pub(super) not_judged: usize,
}

impl<S: ReadItems> StatusQuery<S> {
    /// Which of these cells run what is bad there.
    pub(super) async fn runs_bad(
        &self,
        cells: &[LiveCell],
        as_of: Option<Timestamp>,
        settings: &SettingsInUse,
    ) -> Result<Bad, StoreError> {
        let running: BTreeSet<&str> = cells.iter().map(|cell| cell.service.as_str()).collect();
        let names = |service: &str| {
            let names = Service::parse(service).map(|name| settings.names.services.same(&name));
            names.unwrap_or_default()
        };
        let judged = self.all_judged().await?;
        let of_running: BTreeSet<Service> =
            running.iter().flat_map(|name| names(name)).filter(|name| judged.contains(name)).collect();
        let looked_at: Vec<Service> = of_running.iter().take(SERVICES).cloned().collect();
        let known = self.reader.known_of_each(&looked_at).await?;
        let mut runs = Vec::new();
        for cell in cells {
            let (Ok(environment), things) = (Environment::parse(&cell.environment), things(cell)) else { continue };
            let known = together(&names(&cell.service), &known);
            let question = Question { environment: Asked::from(environment), as_of, cleared: false };
            let Ok(service) = Service::parse(&cell.service) else { continue };
            for version in bad(&known, &question, &service, settings) {
                let judged = Thing { version: version.version.clone(), commit: version.commit.clone() };
                if things.iter().any(|thing| thing.is_same(&judged)) {
                    let version = BadVersion::new(&service, version);
                    runs.push(RunsBad { environment: cell.environment.clone(), version });
                }
            }
        }
        Ok(Bad { runs, not_judged: of_running.len() - looked_at.len() })
    }

    /// The services of which versions may be bad.
    async fn all_judged(&self) -> Result<BTreeSet<Service>, StoreError> {
        const PAGE: usize = 1000;
        let (mut judged, mut last) = (BTreeSet::new(), None);
        loop {
            let (some, more) = self.reader.judged_services(last.as_ref(), PAGE).await?;
            last = some.last().cloned();
            judged.extend(some);
            if !more || last.is_none() {
                return Ok(judged);
            }
        }
    }
}

/// What runs in a cell: one thing, or one in each region.
fn things(cell: &LiveCell) -> Vec<Thing> {
    let thing = |version: Option<&String>, commit: Option<&String>| {
        let version = version.and_then(|version| Version::parse(version).ok());
        let commit = commit.and_then(|commit| Commit::parse(commit).ok());
        (version.is_some() || commit.is_some()).then_some(Thing { version, commit })
    };
    let whole = thing(cell.version.as_ref(), cell.commit.as_ref());
    let regions = cell.regions.iter().filter_map(|region| thing(region.version.as_ref(), region.commit.as_ref()));
    whole.into_iter().chain(regions).collect()
}

/// What is known of a service under all its names.
fn together(names: &BTreeSet<Service>, known: &BTreeMap<Service, Known>) -> Known {
    let mut all = Known::default();
    for known in names.iter().filter_map(|name| known.get(name)) {
        all.marks.extend(known.marks.iter().cloned());
        all.undone.extend(known.undone.iter().cloned());
    }
    all
}
