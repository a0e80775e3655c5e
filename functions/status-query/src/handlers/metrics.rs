//! How deployments went over the last hours.

use domain::questions::delivery::{Question, Window};
use domain::{FieldError, Timestamp};
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many deployments and incidents one answer counts at most: with more, reading them would take longer than a
/// caller waits.
pub(crate) const MOST: usize = 20_000;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn metrics(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let until = parameters.time_up_to("asOf").unwrap_or(now);
        let question = Question {
            environment: parameters.environment(),
            service: parameters.service(),
            window: Window::up_to(until, parameters.hours()),
        };
        parameters.finish()?;
        let environments = self.reader.environments_with_figures(&question.environment, &question.service).await?;
        let Some(figures) = self.reader.finished(&environments, &question.window, MOST).await? else {
            let or_narrower = if environments.len() > 1 { " or one environment" } else { "" };
            let detail = format!(
                "more than {MOST} deployments and incidents finished in this window; use fewer hours{or_narrower}"
            );
            return Err(vec![FieldError::new("hours", detail)].into());
        };
        json(&question.answer(&figures))
    }
}
