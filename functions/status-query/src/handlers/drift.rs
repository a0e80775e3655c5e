//! Where what runs is not what it should be.

use std::collections::BTreeSet;
use std::sync::Arc;

use api::Drift;
use domain::questions::asked::Asked;
use domain::questions::drift::{Kind, Position, Question};
use domain::{Environment, Service, Timestamp};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    /// Finds by the settings in force, which are those of version `version`; for a time in the past by those that were
    /// in force then. The whole list is found for each page of it: only then it is known what is the worst.
    pub(crate) async fn drift(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let environment: Option<Environment> = parameters.identifier("environment");
        let service: Option<Service> = parameters.identifier("service");
        let (kind, severity) = (parameters.kind(), parameters.severity());
        let as_of = parameters.time_up_to("asOf");
        let limit = parameters.limit();
        let position = parameters.position(|position| Position::parse(position).is_some());
        parameters.finish()?;
        let (settings, version) = match as_of {
            Some(time) => self.settings_then(time).await?,
            None => (Arc::clone(parameters.settings()), version),
        };
        let environment = environment.map(|name| settings.names.environments.resolve(&name).clone());
        let service = service.map(|name| Asked::of(name, &settings.names.services)).unwrap_or_default();
        let at = as_of.unwrap_or(now);
        // What can't be so bad need not be looked for.
        let kinds = Kind::ALL.into_iter().filter(|one| kind.is_none_or(|kind| kind == *one));
        let kinds: Vec<Kind> = kinds.filter(|kind| severity.is_none_or(|severity| kind.can_be(severity))).collect();
        let question = Question {
            settings: &settings.settings,
            names: &settings.names,
            path: &settings.path,
            at,
            environment: environment.as_ref(),
            kinds: &kinds,
            releases: &BTreeSet::new(),
        };
        let mut items = self.reader.drift(&question, as_of).await?;
        items.retain(|finding| {
            severity.is_none_or(|severity| finding.severity == severity)
                && match &finding.service {
                    Some(name) => service.includes(name),
                    None => service.name().is_none(),
                }
        });
        if let Some(last) = position.as_deref().and_then(Position::parse) {
            let last = last.order(&settings.path);
            items.retain(|finding| Position::of(finding).order(&settings.path) > last);
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|finding| Position::of(finding).text());
        json(&Drift { as_of, settings: version, items, next_cursor: parameters.cursor(next) })
    }
}
