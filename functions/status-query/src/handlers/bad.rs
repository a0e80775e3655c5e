//! Which versions are bad.

use api::{BadVersion, Page};
use domain::questions::asked::Asked;
use domain::questions::bad::{self, Question, bad};
use domain::{Commit, Service, Version};
use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use store::{ReadItems, StoreError};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many services are looked at for a page: each takes a few reads, whether or not it has a bad version.
const SERVICES: usize = 20;

/// Where a page begins.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Position {
    /// Behind this service; none for the first.
    behind: Option<Service>,
    /// Of the service that follows, behind this version and commit.
    after: Option<(Option<Version>, Option<Commit>)>,
}

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_bad(&self, mut parameters: Parameters) -> Answer {
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
        let (services, more) = match service.name() {
            Some(name) => (vec![name.clone()], false),
            None => self.reader.judged_services(behind.as_ref(), SERVICES).await?,
        };
        let is_named = service.name().is_some();
        let of_each = services.iter().map(|service| self.bad_of((service, is_named), &parameters, &question));
        let of_each = try_join_all(of_each).await?;
        let mut items: Vec<BadVersion> = Vec::new();
        let mut last = None;
        for (service, versions) in services.into_iter().zip(of_each) {
            let name = parameters.settings().names.services.resolve(&service).clone();
            let after = after.take();
            let left = versions.into_iter().filter(|version| {
                after.as_ref().is_none_or(|after| (&version.version, &version.commit) > (&after.0, &after.1))
            });
            for version in left {
                if items.len() == limit {
                    let next = Position { behind, after: last };
                    return json(&Page { items, next_cursor: parameters.cursor(Some(text(&next)?)) });
                }
                last = Some((version.version.clone(), version.commit.clone()));
                items.push(BadVersion::new(&name, version));
            }
            (behind, last) = (Some(service), None);
        }
        let next = more.then(|| text(&Position { behind, after: None })).transpose()?;
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }

    /// The bad versions of a service, under all its names. Where several of these are listed, the first has them all.
    async fn bad_of(
        &self,
        (service, is_named): (&Service, bool),
        parameters: &Parameters,
        question: &Question,
    ) -> Result<Vec<bad::BadVersion>, StoreError> {
        let settings = parameters.settings();
        let names: Vec<Service> = settings.names.services.same(service).into_iter().collect();
        if !is_named
            && names.len() > 1
            && self.reader.first_judged(&names).await?.is_some_and(|first| first != *service)
        {
            return Ok(Vec::new());
        }
        let known = self.reader.known_of_versions(&names).await?;
        Ok(bad(&known, question, service, settings))
    }
}

/// A position as it stands in a cursor.
fn text(position: &Position) -> Result<String, StoreError> {
    serde_json::to_string(position).map_err(|error| StoreError::unreadable("cursor", error))
}
