//! Incidents, newest first.

use api::Incident;
use aws::store::ListQuery;

use crate::StatusQuery;
use crate::answer::Answer;
use crate::parameters::Parameters;

impl StatusQuery {
    pub(crate) async fn list_incidents(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            incidents: true,
            environment: parameters.identifier("environment"),
            service: parameters.identifier("service"),
            from,
            to,
            ..ListQuery::default()
        };
        self.list(&query, parameters, |summary| Incident::from(summary)).await
    }
}
