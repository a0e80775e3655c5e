//! Deployments, newest first.

use aws::store::ListQuery;
use domain::Timestamp;
use domain::api::{ListedDeployment, Page};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

impl StatusQuery {
    pub(crate) async fn list_deployments(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            environment: parameters.identifier("environment"),
            service: parameters.identifier("service"),
            status: parameters.status("status"),
            version: parameters.identifier("version"),
            from,
            to,
        };
        let first = from.map(Timestamp::sort_key).unwrap_or_default();
        let position = parameters.position(|position| is_start(position) && *position >= *first);
        let limit = parameters.limit();
        parameters.finish()?;
        let (states, next) = self.store.list(&query, position.as_deref(), limit).await?;
        let items = states.iter().map(|state| ListedDeployment::from(&state.summary)).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
