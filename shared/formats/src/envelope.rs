//! The envelope of an EventBridge event, also in the form in which notification rules deliver it
//! (`detailType`, no `id`). Documented in the Amazon EventBridge user guide, "Event structure".

use domain::event::Kind;
use domain::identifiers::{DeploymentId, Identifier as _, Region, Source};
use domain::{Event, FieldError, Status, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::fields::{identifier, not_in_future, typed};
use crate::origin::Origin;

/// The parts of an envelope that say something. Its `id` is not among them: a repeated `PutEvents`
/// gets a new one, and published examples share one between different events.
#[derive(Debug, Deserialize)]
pub(crate) struct Envelope {
    pub(crate) source: String,
    #[serde(rename = "detail-type", alias = "detailType")]
    pub(crate) detail_type: String,
    #[serde(default)]
    pub(crate) time: Option<Timestamp>,
    #[serde(default)]
    pub(crate) account: Option<String>,
    #[serde(default)]
    pub(crate) region: Option<String>,
    /// ARNs, which only some formats need.
    #[serde(default)]
    pub(crate) resources: Value,
    pub(crate) detail: Value,
    /// What a notification rule adds.
    #[serde(default, rename = "additionalAttributes")]
    pub(crate) additional: Value,
}

impl Envelope {
    /// Reads an envelope.
    pub(crate) fn read(value: &Value, now: Timestamp) -> Result<Self, Vec<FieldError>> {
        let envelope: Self = typed(value, "")?;
        // These name the producer of each record; EventBridge's own are shorter than this.
        for (field, text) in [("source", Some(&envelope.source)), ("account", envelope.account.as_ref())] {
            if text.is_some_and(|text| text.len() > 256) {
                return Err(vec![FieldError::new(field, "must have at most 256 bytes")]);
            }
        }
        if let Some(time) = envelope.time {
            not_in_future("time", time, now)?;
        }
        Ok(envelope)
    }

    /// When it happened, which an event of an AWS service has to say.
    pub(crate) fn required_time(&self) -> Result<Timestamp, Vec<FieldError>> {
        self.time.ok_or_else(|| vec![FieldError::new("time", "is required: when the state changed")])
    }

    /// An event of the AWS service that sent this, with what the envelope says of it. Its region is not
    /// among it: that is where the service runs, and only of some services where what it deploys does.
    pub(crate) fn event(&self, id: DeploymentId, kind: Kind, status: Status) -> Result<Event, Vec<FieldError>> {
        let mut event = Event::new(identifier::<Source>("source", &self.source)?, id, kind, status);
        event.occurred_at = self.time;
        Ok(event)
    }

    /// The region, of an event of a service that deploys to where it runs itself.
    pub(crate) fn region(&self) -> Option<Region> {
        Region::parse(self.region.as_deref()?).ok()
    }

    /// What rules see of an event of an AWS service, apart from what is its service's own.
    pub(crate) fn origin(&self, source: &'static str) -> Origin {
        Origin::of(source).with("account", self.account.as_deref()).with("region", self.region.as_deref())
    }
}
