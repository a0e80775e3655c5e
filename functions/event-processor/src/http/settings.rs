//! `PUT /v1/settings`: a document that is checked as a whole and recorded as the next version.

use api::{AppliedSettings, Problem, Request, Response, SettingsOutcome, StoredSettings, entity_tag};
use domain::Timestamp;
use domain::fields::Unknown;
use domain::settings::version::Version;
use publisher::Publisher;
use recorder::Applied;
use store::WriteItems;

use super::{no_parameters, payload};
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Applies the document of a request. It is in force at once here, and within a minute in all other processes.
    pub(super) async fn put_settings(
        &self,
        request: &Request,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        if let Err(problem) = no_parameters(request) {
            return Ok(Err(problem));
        }
        if !payload(request).is_json() {
            return Ok(Err(Problem::new(415, "the settings must be JSON, with Content-Type: application/json")));
        }
        let document = match formats::Settings::parse(&request.body, Unknown::Refused) {
            Ok((_, document)) => document,
            Err(errors) => return Ok(Err(Problem::wrong_fields(errors))),
        };
        let expected = |newest: Option<&Version>| !request.expects_other_than(Some(&tag(newest)));
        let applied = self.recorder.apply_settings(&document, &request.caller, expected, now).await;
        let (outcome, version) = match applied {
            Ok(Applied::New(version)) => (SettingsOutcome::Recorded, version),
            Ok(Applied::Unchanged(version)) => (SettingsOutcome::Unchanged, version),
            Ok(Applied::Unexpected(newest)) => {
                let number = newest.map_or(0, |version| version.number);
                let detail = format!(
                    "the settings are not those that If-Match expects: version {number} is in force; read it, and apply your change to it"
                );
                return Ok(Err(Problem::new(412, detail)));
            }
            Err(error) if error.busy => {
                tracing::warn!(%error, "busy");
                return Ok(Err(Problem::new(503, "the server is too busy at the moment; apply the settings again")));
            }
            Err(error) => return Err(error.into()),
        };
        tracing::info!(version = version.number, ?outcome, "settings applied");
        self.settings.hold(Some(&version), now)?;
        let status = if outcome == SettingsOutcome::Recorded { 201 } else { 200 };
        let response = Response::json(status, &AppliedSettings::new(outcome, &version));
        Ok(Ok(response.with("etag", tag(Some(&version)))))
    }
}

/// The entity tag of the answer in which a version can be read.
fn tag(version: Option<&Version>) -> String {
    entity_tag(&serde_json::to_string(&StoredSettings::of(version)).unwrap_or_default())
}
