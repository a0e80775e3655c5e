//! Deployments, newest first.

use aws::store::ListQuery;
use domain::api::{ListedDeployment, Page};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl StatusQuery {
    pub(crate) async fn list_deployments(&self, mut parameters: Parameters) -> Answer {
        let query = ListQuery {
            environment: parameters.identifier("environment"),
            service: parameters.identifier("service"),
            status: parameters.status("status"),
            version: parameters.identifier("version"),
            from: parameters.time("from"),
            to: parameters.time("to"),
        };
        let (limit, position) = (parameters.limit(), parameters.position());
        parameters.finish()?;
        let (states, next) = self.store.list(&query, position.as_deref(), limit).await?;
        let items = states.iter().map(|state| ListedDeployment::from(&state.summary)).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
