//! What changed before something went wrong.

use std::collections::BTreeSet;

use api::{Suspect, Suspects};
use domain::questions::suspects::{Position, Question};
use domain::{Environment, FieldError, Service, Timestamp};
use store::reader::suspects::Suspected;
use store::{ReadItems, StoreError};

use crate::answer::{Answer, json};
use crate::parameters::Parameters;
use crate::{SettingsInUse, StatusQuery};

/// How many changes are ranked at most: with more, the list would say little, and reading what is known of each would
/// take longer than a caller waits.
const MOST: usize = 500;

impl<S: ReadItems> StatusQuery<S> {
    /// Ranks by the settings in force, which are those of version `version`. The whole list is made for each page of
    /// it: only then it is known what comes first.
    pub(crate) async fn suspects(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let service: Option<Service> = parameters.required("service");
        let at = parameters.required_time_up_to("at");
        let environment: Option<Environment> = parameters.identifier("environment");
        let window = parameters.window();
        let limit = parameters.limit();
        let position = parameters.position(|position| Position::parse(position).is_some());
        parameters.finish()?;
        // Without them it was finished.
        let (Some(service), Some(at)) = (service, at) else { return Err(Vec::new().into()) };
        let settings = parameters.settings();
        let service = settings.names.services.resolve(&service);
        let environments = match environment {
            Some(name) => vec![settings.names.environments.resolve(&name).clone()],
            None => self.that_go_wrong(settings).await?,
        };
        let question = Question { service, at, window, settings };
        let asked = Suspected { question: &question, environments: &environments, now, most: MOST };
        let Some(changes) = Box::pin(self.reader.suspected(asked)).await? else {
            let detail = format!("more than {MOST} changes fall into it; use a shorter one, or name one environment");
            return Err(vec![FieldError::new("window", detail)].into());
        };
        let mut ranked = question.ranked(changes);
        if let Some(last) = position.as_deref().and_then(Position::parse) {
            ranked.retain(|suspect| suspect.position() > last);
        }
        let more = ranked.len() > limit;
        ranked.truncate(limit);
        let next = ranked.last().filter(|_| more).map(|suspect| suspect.position().text());
        json(&Suspects {
            service: service.clone(),
            environments,
            from: question.from(),
            at,
            settings: version,
            items: ranked.into_iter().map(Suspect::from).collect(),
            next_cursor: parameters.cursor(next),
        })
    }

    /// The environments that are asked about where none is named: production as the settings say, else all.
    async fn that_go_wrong(&self, settings: &SettingsInUse) -> Result<Vec<Environment>, StoreError> {
        let production = settings.settings.environments.iter().filter(|entry| entry.production);
        let production: Vec<Environment> = production.map(|entry| entry.name.clone()).collect();
        if !production.is_empty() {
            return Ok(production);
        }
        let all = self.reader.environments().await?;
        let all = all.iter().map(|name| settings.names.environments.resolve(name).clone());
        let mut all: Vec<Environment> = all.collect::<BTreeSet<_>>().into_iter().collect();
        settings.path.sort(&mut all, |name| name);
        Ok(all)
    }
}
