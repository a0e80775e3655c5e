//! Deployments, newest first.

use api::{ListedDeployment, Page};
use domain::{State, Subject, Timestamp};
use store::{ListQuery, ReadItems};

use crate::StatusQuery;
use crate::answer::{Answer, Unanswered, json};
use crate::parameters::{Parameters, is_start};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_deployments(&self, mut parameters: Parameters) -> Answer {
        let (from, to) = parameters.range("from", "to");
        let query = ListQuery {
            subject: Subject::Deployment,
            environment: parameters.environment(),
            service: parameters.service(),
            statuses: parameters.statuses("status"),
            version: parameters.identifier("version"),
            release: parameters.identifier("release"),
            artifact: parameters.identifier("artifact"),
            from,
            to,
        };
        let (states, next) = self.list(&query, &mut parameters).await?;
        let changes = self.reader.changes(&states).await?;
        let items = states.iter().zip(changes).map(|(state, change)| ListedDeployment::new(&state.summary, change));
        json(&Page { items: items.collect(), next_cursor: next })
    }

    /// A page of a list by the time of the start, and the cursor of the next; the parameters that are left to
    /// read are the page's.
    pub(super) async fn list(
        &self,
        query: &ListQuery,
        parameters: &mut Parameters,
    ) -> Result<(Vec<State>, Option<String>), Unanswered> {
        let first = query.from.map(Timestamp::sort_key).unwrap_or_default();
        let position = parameters.position(|position| is_start(position) && *position >= *first);
        let limit = parameters.limit();
        parameters.finish()?;
        let (states, next) = self.reader.list(query, position.as_deref(), limit).await?;
        Ok((states, parameters.cursor(next)))
    }
}
