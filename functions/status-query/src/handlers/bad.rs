//! Which versions are bad.

use std::collections::BTreeSet;

use api::{BadVersion, BadVersions};
use domain::questions::asked::Asked;
use domain::questions::bad::{self, Question, bad};
use domain::{Commit, DeploymentId, Service, Timestamp, Version};
use futures_util::future::{try_join, try_join_all};
use serde::{Deserialize, Serialize};
use store::reader::health::Candidates;
use store::{ReadItems, StoreError};

use super::at::When;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;
use crate::{SettingsInUse, StatusQuery};

/// How many services are looked at for a page: each takes a few reads, whether or not it has a bad version.
const SERVICES: usize = 20;
/// How many deployments are judged for a page by what was measured of them: each takes some reads.
const JUDGED: usize = 500;

/// By what the versions of services are judged.
#[derive(Clone, Copy)]
struct Judging<'j> {
    question: &'j Question,
    settings: &'j SettingsInUse,
    /// The number of their version.
    version: u64,
    candidates: &'j Candidates,
    now: Timestamp,
}

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// Behind this service; none for the first.
    behind: Option<Service>,
    /// Of the service that follows, behind this version and commit.
    after: Option<(Option<Version>, Option<Commit>)>,
}

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_bad(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let service: Asked<Service> = parameters.service();
        let question = Question {
            environment: parameters.environment(),
            as_of: parameters.time_up_to("asOf"),
            cleared: parameters.flag("cleared"),
        };
        let limit = parameters.limit();
        let read = |position: &str| serde_json::from_str::<Position>(position).ok();
        let position = parameters.position(|position| read(position).is_some());
        parameters.finish()?;
        let Position { mut behind, mut after } = position.as_deref().and_then(read).unwrap_or_default();
        let settings = parameters.settings();
        let candidates = Box::pin(self.reader.can_be_bad(&service, now, settings)).await?;
        let judging = Judging { question: &question, settings, version, candidates: &candidates, now };
        let (mut services, mut more) = if let Some(name) = service.name() {
            (vec![name.clone()], false)
        } else {
            let others = candidates.of.keys().collect();
            self.reader.judged_services_and(&others, behind.as_ref(), SERVICES).await?
        };
        let kept = judging.for_one_page(&services);
        more |= kept < services.len();
        services.truncate(kept);
        let is_named = service.name().is_some();
        let of_each = services.iter().map(|service| Box::pin(self.bad_of((service, is_named), judging)));
        let of_each = try_join_all(of_each).await?;
        let left_out = judging.left_out(&services);
        let mut items: Vec<BadVersion> = Vec::new();
        let mut last = None;
        for (service, versions) in services.into_iter().zip(of_each) {
            let name = settings.names.services.resolve(&service).clone();
            let after = after.take();
            let left = versions.into_iter().filter(|version| {
                after.as_ref().is_none_or(|after| (&version.version, &version.commit) > (&after.0, &after.1))
            });
            for version in left {
                if items.len() == limit {
                    let next_cursor = parameters.cursor(Some(text(&Position { behind, after: last })?));
                    return json(&BadVersions { items, next_cursor, left_out });
                }
                last = Some((version.version.clone(), version.commit.clone()));
                items.push(BadVersion::new(&name, version));
            }
            (behind, last) = (Some(service), None);
        }
        let next = more.then(|| text(&Position { behind, after: None })).transpose()?;
        json(&BadVersions { items, next_cursor: parameters.cursor(next), left_out })
    }

    /// The bad versions of a service, under all its names. Where several of these are listed, the first has them all.
    async fn bad_of(
        &self,
        (service, is_named): (&Service, bool),
        judging: Judging<'_>,
    ) -> Result<Vec<bad::BadVersion>, StoreError> {
        let Judging { question, settings, version, candidates, now } = judging;
        let of_all = settings.names.services.same(service);
        let names: Vec<Service> = of_all.iter().cloned().collect();
        if !is_named && names.len() > 1 {
            let others = candidates.of.keys().collect();
            if self.reader.first_judged(&names, &others).await?.is_some_and(|first| first != *service) {
                return Ok(Vec::new());
            }
        }
        let ids: BTreeSet<DeploymentId> = candidates.of_service(&of_all).into_iter().take(JUDGED).cloned().collect();
        let when = When { as_of: question.as_of, known_at: None };
        let measured = Box::pin(self.reader.went_badly(&ids, when, (settings, version), now));
        let (mut known, measured) = try_join(self.reader.known_of_versions(&names), measured).await?;
        known.measured = measured;
        Ok(bad(&known, question, service, settings))
    }
}

impl Judging<'_> {
    /// How many of these services are looked at: of all together no more is judged than for one page, but of the first.
    fn for_one_page(&self, services: &[Service]) -> usize {
        let counts = services.iter().scan(0, |judged, service| {
            *judged += self.of_service(service);
            Some(*judged)
        });
        counts.take_while(|judged| *judged <= JUDGED).count().max(1)
    }

    fn of_service(&self, service: &Service) -> usize {
        self.candidates.of_service(&self.settings.names.services.same(service)).len()
    }

    /// What was measured and is not judged, in a sentence; none where all is.
    fn left_out(&self, services: &[Service]) -> Option<String> {
        let mut sentences = Vec::new();
        if self.candidates.cut {
            sentences.push(
                "more deployments ended than are counted for one answer: what was measured of some is not judged"
                    .to_owned(),
            );
        }
        let many = services.iter().map(|service| (service, self.of_service(service)));
        sentences.extend(many.filter(|(_, count)| *count > JUDGED).map(|(service, count)| {
            format!("something was measured of {count} deployments of {service}: the newest {JUDGED} are judged")
        }));
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }
}

/// A position as it stands in a cursor.
fn text(position: &Position) -> Result<String, StoreError> {
    serde_json::to_string(position).map_err(|error| StoreError::unreadable("cursor", error))
}
