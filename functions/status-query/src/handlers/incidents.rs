//! Incidents, newest first.

use api::{Incident, Page};
use domain::Subject;
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
        let items = states.iter().map(|state| Incident::from(&state.summary)).collect();
        json(&Page { items, next_cursor: next })
    }
}
