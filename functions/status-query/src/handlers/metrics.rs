//! How deployments went over the last hours.

use api::{By, MetricsFormat};
use domain::questions::delivery::{Facts, Question, Window};
use domain::{FieldError, Timestamp};
use futures_util::future::try_join;
use store::{ReadItems, StoreError};

use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;
use crate::{SettingsInUse, StatusQuery};

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
        let by = parameters.one_of("by", &By::NAMES, By::parse);
        let previous = parameters.one_of("compareTo", &["previous"], |word| (word == "previous").then_some(()));
        let format = parameters.one_of("format", &MetricsFormat::NAMES, MetricsFormat::parse).unwrap_or_default();
        parameters.finish()?;
        let SettingsInUse { settings, names, .. } = &*in_use;
        let facts = self.facts_or_why_not(&question, (&in_use, version)).await?;
        let mut metrics = question.answer(&facts);
        metrics.groups = by.map(|by| question.groups(&facts, |figures| by.group(figures, settings, names)));
        if previous.is_some() {
            let before = question.before();
            metrics = metrics.beside(before.answer(&self.facts_or_why_not(&before, (&in_use, version)).await?));
        }
        match format {
            MetricsFormat::Json => json(&metrics),
            MetricsFormat::Csv => Ok(metrics.csv()),
        }
    }

    /// What figures are counted from, or that these are too many.
    async fn facts_or_why_not(&self, question: &Question, in_use: (&SettingsInUse, u64)) -> Result<Facts, Unanswered> {
        Box::pin(self.facts(question, in_use)).await?.ok_or_else(|| {
            let or_narrower = if question.named.is_some() { "" } else { " or one environment" };
            let detail = format!(
                "more than {MOST} deployments and incidents finished in this window; use fewer hours{or_narrower}"
            );
            vec![FieldError::new("hours", detail)].into()
        })
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
            Box::pin(self.reader.judged_bad(&ended, &question.window, in_use)),
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
