//! Incidents, newest first.

use api::{Incident, Page};
use domain::{Subject, Summary};
use store::{ListQuery, ReadItems};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_incidents(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            subject: Subject::Incident,
            environment: parameters.environment(),
            service: parameters.service(),
            from,
            to,
            ..ListQuery::default()
        };
        let (states, next) = self.list(&query, &mut parameters).await?;
        let in_use = parameters.settings();
        let begun: Vec<&Summary> = states.iter().map(|state| &state.summary).collect();
        let mut blamed = Box::pin(self.reader.blamed(&begun, in_use)).await?;
        let items = begun.into_iter().map(|incident| Incident {
            deployment_id: blamed.remove(&incident.deployment_id).map(String::from),
            ..Incident::from(incident)
        });
        let items = items.collect();
        json(&Page { items, next_cursor: next })
    }
}
