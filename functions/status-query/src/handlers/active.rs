//! Deployments that have not ended.

use api::{Deployment, Page};
use domain::Environment;
use domain::questions::asked::Asked;
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::{Parameters, is_start};

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn list_active(&self, mut parameters: Parameters) -> Answer {
        let environment: Asked<Environment> = parameters.environment();
        let (limit, position) = (parameters.limit(), parameters.position(is_start));
        parameters.finish()?;
        let environments = self.reader.environments_for(&environment, &Asked::default()).await?;
        let (states, next) = self.reader.active_in(&environments, position.as_deref(), limit).await?;
        let items = states.iter().map(Deployment::from).collect();
        json(&Page { items, next_cursor: parameters.cursor(next) })
    }
}
