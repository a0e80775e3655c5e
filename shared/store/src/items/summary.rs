//! A deployment's state.

use domain::{Figures, State, Timestamp};
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::keys::summary_key;
use crate::position::{active_partition, list_partition, month_partition, timed_key, year_partition};
use crate::reader::trail::Stated;

/// A deployment's state as it is stored.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SummaryItem {
    pk: String,
    sk: String,
    summary: String,
    /// The number of the last record.
    pub sequence: u64,
    head_hash: String,
    recorded_at: i64,
    /// Its status once it has ended. What goes into the indexes changes at the start and at the end
    /// only, so the events in between cost them nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    environment_month: String,
    service_year: String,
    started_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    active_in: Option<String>,
    /// These three once it has ended, unless it is a removal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_month: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finished_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figures: Option<String>,
}

impl SummaryItem {
    /// The attribute that a write checks: it counts the records.
    pub const GUARD: &'static str = "sequence";

    /// The item of a state.
    ///
    /// # Errors
    /// When the summary has no JSON.
    pub fn new(state: &State) -> Result<Self, StoreError> {
        let summary = &state.summary;
        let (environment, service) = (summary.environment(), summary.service());
        let created = summary.created_at();
        let status = summary.status();
        let id = &summary.deployment_id;
        let subject = id.subject();
        let figures = Figures::of(summary);
        let finished = figures.as_ref().map(|figures| figures.finished_at);
        let figures = figures.map(|figures| serde_json::to_string(&figures)).transpose();
        let key = summary_key(id);
        Ok(Self {
            pk: key.partition,
            sk: key.sort,
            summary: serde_json::to_string(summary).map_err(|e| StoreError::unreadable("summary", e))?,
            sequence: state.sequence,
            head_hash: state.head_hash.clone(),
            recorded_at: state.recorded_at.millis(),
            ended: status.is_terminal().then(|| status.to_string()),
            version: summary.version().map(String::from),
            environment_month: list_partition(subject, &month_partition(&environment, &created.month())),
            service_year: list_partition(subject, &year_partition(&service, &environment, &created.year())),
            started_key: timed_key(created, id),
            active_in: summary.is_active().then(|| active_partition(&environment)),
            finished_month: finished.map(|at| month_partition(&environment, &at.month())),
            finished_key: finished.map(|at| timed_key(at, id)),
            figures: figures.map_err(|e| StoreError::unreadable("figures", e))?,
        })
    }

    /// What it states of the end of its history.
    #[must_use]
    pub fn stated(&self) -> Stated<'_> {
        let recorded_at = Timestamp::from_millis(self.recorded_at);
        Stated { sequence: self.sequence, head_hash: &self.head_hash, recorded_at }
    }

    /// The state.
    ///
    /// # Errors
    /// When the summary can't be read: someone altered it.
    pub fn state(self) -> Result<State, StoreError> {
        Ok(State {
            summary: serde_json::from_str(&self.summary).map_err(|e| StoreError::unreadable("summary", e))?,
            sequence: self.sequence,
            head_hash: self.head_hash,
            recorded_at: Timestamp::from_millis(self.recorded_at),
        })
    }
}
