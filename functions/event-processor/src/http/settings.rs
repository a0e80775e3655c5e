//! `PUT /v1/settings`: a document that is checked as a whole and recorded as the next version.

use std::sync::atomic::{AtomicBool, Ordering};

use api::{AppliedSettings, Problem, Request, Response, SettingsOutcome, StoredSettings, entity_tag};
use domain::Timestamp;
use domain::fields::Unknown;
use domain::settings::version::Version;
use domain::settings::{Right, known_as};
use formats::Door;
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
        let (settings, document) = match formats::Settings::parse(&request.body, Unknown::Refused) {
            Ok(parsed) => parsed,
            Err(errors) => return Ok(Err(Problem::wrong_fields(errors))),
        };
        let who = known_as(&request.caller, &request.groups);
        let is_admin = self.processing.settings_admins.include(&who);
        if !is_admin && !settings.general.permissions.may(Right::Settings, &who) {
            return Ok(Err(Problem::wrong_field("permissions", takes_from_sender(&request.caller))));
        }
        let forbidden = AtomicBool::new(false);
        let expected = |newest: Option<&Version>| {
            let may = is_admin || may_apply(newest, &who);
            forbidden.store(!may, Ordering::Relaxed);
            may && !request.expects_other_than(Some(&tag(newest)))
        };
        let applied = self.recorder.apply_settings(&document, &request.caller, expected, now).await;
        let (outcome, version) = match applied {
            Ok(Applied::New(version)) => (SettingsOutcome::Recorded, version),
            Ok(Applied::Unchanged(version)) => (SettingsOutcome::Unchanged, version),
            Ok(Applied::Unexpected(_)) if forbidden.load(Ordering::Relaxed) => {
                Box::pin(self.count_forbidden(Door::Events.name(), 1, now)).await;
                return Ok(Err(Problem::new(403, may_not_apply(&request.caller))));
            }
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
        if let Err(error) = self.settings.hold(self.recorder.reader(), Some(&version), now).await {
            // They are recorded, and looked for with the next event.
            tracing::warn!(%error, "settings were applied, and can't be read just now");
            self.settings.look_again();
        }
        let status = if outcome == SettingsOutcome::Recorded { 201 } else { 200 };
        let response = Response::json(status, &AppliedSettings::new(outcome, &version));
        Ok(Ok(response.with("etag", tag(Some(&version)))))
    }
}

/// Whether someone may apply settings by those that are in force. Where these can't be read, nobody may by them.
fn may_apply(newest: Option<&Version>, who: &[String]) -> bool {
    let Some(newest) = newest else { return true };
    let document = serde_json::from_str(&newest.document).unwrap_or_default();
    let settings = domain::Settings::read(document, Unknown::Ignored);
    settings.is_ok_and(|settings| settings.permissions.may(Right::Settings, who))
}

fn may_not_apply(caller: &str) -> String {
    format!("{caller:?} needs the permission `settings`; the permissions in the settings don't give it")
}

fn takes_from_sender(caller: &str) -> String {
    format!(
        "would not give `settings` to {caller:?}, who applies them: add {{\"who\": {caller:?}, \"may\": [\"settings\"]}}, or let someone apply them who keeps it"
    )
}

/// The entity tag of the answer in which a version can be read.
fn tag(version: Option<&Version>) -> String {
    entity_tag(&serde_json::to_string(&StoredSettings::of(version)).unwrap_or_default())
}
