//! How deployments went over the last hours.

use domain::questions::delivery::{Facts, Question, Window};
use domain::{FieldError, Timestamp};
use futures_util::future::try_join;
use store::{ReadItems, StoreError};

use crate::{SettingsInUse, StatusQuery};
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many deployments and incidents one answer counts at most: with more, reading them would take longer than a
/// caller waits.
pub(crate) const MOST: usize = 20_000;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn metrics(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let until = parameters.time_up_to("asOf").unwrap_or(now);
        let in_use = parameters.settings().clone();
        let (environment, service) = (parameters.environment(), parameters.service());
        let window = Window::up_to(until, parameters.hours());
        let question = Question::new(environment, service, window, &in_use.settings);
        parameters.finish()?;
        let Some(facts) = self.facts(&question, (&in_use, version)).await? else {
            let or_narrower = if question.named.is_some() { "" } else { " or one environment" };
            let detail = format!(
                "more than {MOST} deployments and incidents finished in this window; use fewer hours{or_narrower}"
            );
            return Err(vec![FieldError::new("hours", detail)].into());
        };
        json(&question.answer(&facts))
    }

    /// What figures are counted from; none where more ended than are counted.
    pub(crate) async fn facts(
        &self,
        question: &Question,
        in_use: (&SettingsInUse, u64),
    ) -> Result<Option<Facts>, StoreError> {
        let environments = self.reader.environments_with_figures(&question.environment, &question.service).await?;
        let Some(mut ended) = self.reader.finished(&environments, &question.window, MOST).await? else {
            return Ok(None);
        };
        ended.retain(|(_, figures)| question.asks_for(figures));
        let SettingsInUse { settings, names, .. } = in_use.0;
        let (mut against, measured) = try_join(
            Box::pin(self.reader.against(question, &ended, settings, names)),
            Box::pin(self.judged_bad(&ended, &question.window, in_use)),
        )
        .await?;
        let judged = measured.is_some();
        against.extend(measured.into_iter().flatten());
        let facts = Facts::new(ended, against, |environment, service| {
            let (environment, service) = (names.environments.resolve(environment), names.services.resolve(service));
            settings.health_bounds(environment, service).rollback_is_failure
        });
        Ok(Some(Facts { judged, ..facts }))
    }
}
