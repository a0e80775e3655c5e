//! `PUT /v1/releases/{release}`: a declaration that is checked as a whole and recorded as the release's next version.

use api::{AppliedRelease, DeclaredRelease, Problem, Request, Response, SettingsOutcome};
use domain::identifiers::Identifier as _;
use domain::release::Declaration;
use domain::settings::version::Version;
use domain::{Label, Timestamp};
use formats::Settings;
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
        let tag = |newest: Option<&Version>| newest.map(|version| DeclaredRelease::tag(version.number));
        let expected = |newest: Option<&Version>| !request.expects_other_than(tag(newest).as_deref());
        let applied = self.recorder.declare_release(&declaration, &request.caller, expected, now).await;
        let (outcome, version) = match applied {
            Ok(Applied::New(version)) => (SettingsOutcome::Recorded, version),
            Ok(Applied::Unchanged(version)) => (SettingsOutcome::Unchanged, version),
            Ok(Applied::Unexpected(newest)) => {
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
}

/// What is declared, with all that is wrong with it.
fn read(release: &str, request: &Request, settings: &Settings) -> Result<Declaration, Problem> {
    no_parameters(request)?;
    if !payload(request).is_json() {
        return Err(Problem::new(415, "a declaration must be JSON, with Content-Type: application/json"));
    }
    let release = Label::parse(release).map_err(|invalid| Problem::wrong_field("release", invalid.to_string()))?;
    Declaration::parse(release, &request.body, &settings.names).map_err(Problem::wrong_fields)
}
