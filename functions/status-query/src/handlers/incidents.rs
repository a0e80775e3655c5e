//! Incidents, newest first.

use api::Incident;
use domain::Subject;
use store::{ListQuery, ReadItems};

use crate::StatusQuery;
use crate::answer::Answer;
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_incidents(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            subject: Subject::Incident,
            environment: parameters.identifier("environment"),
            service: parameters.identifier("service"),
            from,
            to,
            ..ListQuery::default()
        };
        self.list(&query, parameters, |summary| Incident::from(summary)).await
    }
}
