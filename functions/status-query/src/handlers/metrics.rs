//! How deployments went over the last hours.

use api::{By, MetricsFormat};
use domain::live::Place;
use domain::questions::delivery::of_day::{MeasuredBad, Replaced};
use domain::questions::delivery::{Against, Ended, Facts, OfDay, Part, Question, Window};
use domain::{FieldError, Timestamp};
use futures_util::future::try_join;
use store::reader::failures::suspected;
use store::reader::kept::{MOST, MOST_KEPT};
use store::{ReadItems, StoreError};

use crate::answer::{Answer, Unanswered, json};
use crate::parameters::Parameters;
use crate::{SettingsInUse, StatusQuery};

/// More ended than so many, which are counted for one answer at most.
pub(crate) struct TooMany(pub(crate) usize);

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn metrics(&self, mut parameters: Parameters, version: u64, now: Timestamp) -> Answer {
        let until = parameters.time_up_to("asOf").unwrap_or(now);
        let in_use = parameters.settings().clone();
        let (environment, service) = (parameters.environment(), parameters.service());
        let window = Window::up_to(until, parameters.hours());
        let question = Question::new(environment, service, window, &in_use.settings);
        let team = parameters.team("team");
        let question = question.of_part(Part { team, release: parameters.identifier("release") });
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
        Box::pin(self.facts(question, in_use)).await?.map_err(|TooMany(most)| {
            let or_narrower = if question.named.is_some() { "" } else { " or one environment" };
            let detail = format!(
                "more than {most} deployments and incidents finished in this window; use fewer hours{or_narrower}"
            );
            vec![FieldError::new("hours", detail)].into()
        })
    }

    /// What figures are counted from, unless more ended than are counted. Days that are over are kept, and only the rest
    /// is read.
    pub(crate) async fn facts(
        &self,
        question: &Question,
        in_use: (&SettingsInUse, u64),
    ) -> Result<Result<Facts, TooMany>, StoreError> {
        let (settings, _) = in_use;
        let environments = self.reader.environments_with_figures(&question.environment, &question.service).await?;
        let Some(kept) = self.reader.kept(&environments, &question.window, settings).await? else {
            return Ok(Err(TooMany(MOST_KEPT)));
        };
        let is_asked = |ended: &Ended| question.asks_for(&ended.1);
        let OfDay { mut ended, replaced, incidents, measured } = kept.facts;
        ended.retain(is_asked);
        let mut against: Vec<Against> = replaced.into_iter().map(Replaced::against).collect();
        against.extend(suspected(incidents, settings));
        let at = question.window.to().plus_millis(-1);
        let stands = Box::pin(self.reader.not_cleared(measured, at, in_use)).await?;
        against.extend(stands.into_iter().map(MeasuredBad::against));
        let (mut judged, mut read) = (true, 0);
        for (since, environments) in kept.rest {
            let is_whole = since == question.window.from();
            let rest = question.since(since, environments);
            let finished = self.reader.finished(rest.environment.names(), &rest.window, MOST).await?;
            let Some(mut finished) = finished else { return Ok(Err(TooMany(MOST))) };
            read += finished.len();
            if read > MOST {
                return Ok(Err(TooMany(MOST)));
            }
            finished.retain(is_asked);
            let (of_rest, measured) = try_join(
                Box::pin(self.reader.against(&rest, &finished, settings, is_whole)),
                Box::pin(self.reader.judged_bad(&finished, &rest.window, in_use)),
            )
            .await?;
            judged &= measured.is_some();
            against.extend(of_rest.into_iter().chain(measured.into_iter().flatten()));
            ended.extend(finished);
        }
        let facts = Facts::new(ended, against, |environment, service| {
            let place = Place { environment: environment.clone(), service: service.clone() };
            settings.bounds(&place).rollback_is_failure
        });
        Ok(Ok(Facts { judged, ..facts }))
    }
}
