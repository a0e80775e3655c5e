//! Deployments, newest first.

use api::{ListedDeployment, Page};
use domain::{Subject, Summary, Timestamp};
use serde::Serialize;
use store::{ListQuery, ReadItems};

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_deployments(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            subject: Subject::Deployment,
            environment: parameters.identifier("environment"),
            service: parameters.identifier("service"),
            status: parameters.status("status"),
            version: parameters.identifier("version"),
            from,
            to,
        };
        self.list(&query, parameters, |summary| ListedDeployment::from(summary)).await
    }

    /// A page of a list by the time of the start; the parameters that are left to read are the page's.
    pub(super) async fn list<T: Serialize>(
        &self,
        query: &ListQuery,
        mut parameters: Parameters,
        item: impl Fn(&Summary) -> T,
    ) -> Answer {
        let first = query.from.map(Timestamp::sort_key).unwrap_or_default();
        let position = parameters.position(|position| is_start(position) && *position >= *first);
        let limit = parameters.limit();
        parameters.finish()?;
        let (states, next) = self.reader.list(query, position.as_deref(), limit).await?;
        let items = states.iter().map(|state| item(&state.summary)).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
