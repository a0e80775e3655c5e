//! What the installation used in a month.

use api::Usage;
use domain::Timestamp;
use domain::follows::metric_sets::{MetricSets, day_of};
use domain::questions::month::Month;
use store::ReadItems;

use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn usage(&self, mut parameters: Parameters, now: Timestamp) -> Answer {
        let asked = parameters.time_up_to("asOf").unwrap_or(now);
        if asked > now {
            parameters.wrong("asOf", "must not be in the future: what will be used is not known");
        }
        let most = parameters.settings().settings.metric_bounds().at_once;
        parameters.finish()?;
        let month = Month::of(asked);
        let events = self.reader.count_recorded(&month.days()).await?;
        let noted = self.reader.metric_sets().await?;
        let sets =
            MetricSets::known(noted.sets, noted.count.map(|count| count.counted()).unwrap_or_default(), day_of(now));
        json(&Usage {
            month: asked.month(),
            to: asked.day(),
            days: month.counted(),
            days_of_month: month.length(),
            events,
            metric_sets: sets.len() as u64,
            most_metric_sets: most as u64,
        })
    }
}
