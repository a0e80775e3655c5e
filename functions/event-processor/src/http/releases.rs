//! `PUT /v1/releases/{release}`: a declaration that is checked as a whole and recorded as the release's next version.

use std::sync::{Mutex, PoisonError};

use api::{AppliedRelease, DeclaredRelease, Problem, Request, Response, SettingsOutcome};
use domain::identifiers::Identifier as _;
use domain::ledger::permitted::Forbidden;
use domain::page_paths::name_of;
use domain::release::Declaration;
use domain::settings::version::Version;
use domain::settings::{Grant, Right, known_as};
use domain::{Environment, Label, Service, Timestamp};
use formats::{Door, Settings};
use publisher::Publisher;
use recorder::Applied;
use store::WriteItems;

use super::{no_parameters, payload};
use crate::processor::{EventProcessor, Failed};

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Declares the release that the path names.
    pub(super) async fn put_release(
        &self,
        release: &str,
        request: &Request,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Result<Response, Problem>, Failed> {
        let declaration = match read(release, request, settings) {
            Ok(declaration) => declaration,
            Err(problem) => return Ok(Err(problem)),
        };
        let who = known_as(&request.caller, &request.groups);
        let permissions = &settings.general.permissions;
        let grant = permissions.grant(Right::Declare, &who, Door::Events.name(), &settings.names);
        if let Some(beyond) = declaration.beyond(&grant) {
            return Ok(Err(self.not_declared(request, &grant, beyond, now).await));
        }
        // What it said before is taken back by it.
        let taken_back: Mutex<Option<(Option<Environment>, Service)>> = Mutex::default();
        let may = |newest: Option<&Version>| {
            let newest = newest.and_then(|newest| Declaration::recorded(&newest.document, &settings.names).ok());
            let beyond = newest.and_then(|newest| newest.beyond(&grant));
            let may = beyond.is_none();
            *taken_back.lock().unwrap_or_else(PoisonError::into_inner) = beyond;
            may
        };
        let tag = |newest: Option<&Version>| newest.map(|version| DeclaredRelease::tag(version.number));
        let expected = |newest: Option<&Version>| may(newest) && !request.expects_other_than(tag(newest).as_deref());
        let applied = self.recorder.declare_release(&declaration, &request.caller, expected, now).await;
        let (outcome, version) = match applied {
            Ok(Applied::New(version)) => (SettingsOutcome::Recorded, version),
            Ok(Applied::Unchanged(version)) => (SettingsOutcome::Unchanged, version),
            Ok(Applied::Unexpected(newest)) => {
                if let Some(beyond) = taken_back.into_inner().unwrap_or_else(PoisonError::into_inner) {
                    return Ok(Err(self.not_declared(request, &grant, beyond, now).await));
                }
                let detail = match newest {
                    Some(newest) => format!(
                        "the declaration is not the one that If-Match expects: version {} is the newest; read it, and apply your change to it",
                        newest.number
                    ),
                    None => "If-Match expects a declaration, and the release has none; declare it without".to_owned(),
                };
                return Ok(Err(Problem::new(412, detail)));
            }
            Err(error) if error.busy => {
                tracing::warn!(%error, "busy");
                return Ok(Err(Problem::new(503, "the server is too busy at the moment; declare the release again")));
            }
            Err(error) => return Err(error.into()),
        };
        tracing::info!(version = version.number, ?outcome, "release declared");
        let status = if outcome == SettingsOutcome::Recorded { 201 } else { 200 };
        let answer = AppliedRelease::new(outcome, declaration.release.to_string(), &version);
        let response = Response::json(status, &answer);
        Ok(Ok(response.with("etag", DeclaredRelease::tag(version.number))))
    }

    /// The answer to whoever may not declare something of this place.
    async fn not_declared(
        &self,
        request: &Request,
        grant: &Grant,
        (environment, service): (Option<Environment>, Service),
        now: Timestamp,
    ) -> Problem {
        Box::pin(self.count_forbidden(Door::Events.name(), 1, now)).await;
        let place = (environment, Some(service));
        let (who, elsewhere) = (request.caller.clone(), !grant.is_nothing());
        Problem::new(403, Forbidden { who, right: Right::Declare, place, elsewhere }.to_string())
    }
}

/// What is declared, with all that is wrong with it.
fn read(release: &str, request: &Request, settings: &Settings) -> Result<Declaration, Problem> {
    no_parameters(request)?;
    if !payload(request).is_json() {
        return Err(Problem::new(415, "a declaration must be JSON, with Content-Type: application/json"));
    }
    let release =
        Label::parse(name_of(release)).map_err(|invalid| Problem::wrong_field("release", invalid.to_string()))?;
    Declaration::parse(release, &request.body, &settings.names).map_err(Problem::wrong_fields)
}
