//! The body of a request: how long it may be, and how long it may take.

use std::time::Duration;

use api::Problem;
use api::routes::Operation;
use axum::body::{Body, Bytes};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use domain::Settings;
use domain::event::Limits;
use domain::release::Declaration;
use futures_util::StreamExt as _;
use pages::forms::Typed;
use tokio::time::timeout;

use super::in_flight::{InFlight, Taken};
use crate::target::{LocalRoute, Page, Target};

/// As many events as a request may have, each as long as it may be, with what stands between them.
const EVENTS_BYTES: usize = Limits::PER_REQUEST * (Limits::EVENT_BYTES + 1) + 1;

/// A document of settings. Its bound is that of its canonical text, and people indent.
const SETTINGS_BYTES: usize = 4 * Settings::BYTES;

/// A declaration of a release, likewise.
const DECLARATION_BYTES: usize = 4 * Declaration::BYTES;

/// A webhook: as long as a payload of a custom source may be.
const WEBHOOK_BYTES: usize = 1024 * 1024;

/// A message, as long as the queue takes one.
const MESSAGE_BYTES: usize = 1024 * 1024;

/// How many bytes a request for this may have as its body; none where a body is not read.
pub(super) fn bound(target: Target) -> Option<usize> {
    match target {
        Target::Api(operation) => match operation {
            Operation::PostEvents => Some(EVENTS_BYTES),
            Operation::PutSettings => Some(SETTINGS_BYTES),
            Operation::PutRelease => Some(DECLARATION_BYTES),
            Operation::PostWebhook | Operation::PostCustomWebhook => Some(WEBHOOK_BYTES),
            Operation::ListDeployments
            | Operation::ListActiveDeployments
            | Operation::GetDeployment
            | Operation::ListDeploymentEvents
            | Operation::VerifyDeployment
            | Operation::VerifyDay
            | Operation::Export
            | Operation::ListIncidents
            | Operation::ListLive
            | Operation::Compare
            | Operation::ListDrift
            | Operation::ListSuspects
            | Operation::GetGate
            | Operation::ListBad
            | Operation::ListReleases
            | Operation::GetRelease
            | Operation::GetMetrics
            | Operation::GetCatalog
            | Operation::GetUsage
            | Operation::ListRejected
            | Operation::GetSettings
            | Operation::ListSettings
            | Operation::GetOpenapi
            | Operation::GetHealth
            | Operation::GetRoot => None,
        },
        Target::Local(LocalRoute::EventBridge) => Some(MESSAGE_BYTES),
        // What any route takes.
        Target::Local(LocalRoute::Explain) => Some(EVENTS_BYTES),
        Target::Page(Page::Form | Page::Login) => Some(Typed::BYTES),
        Target::Page(Page::Told | Page::Asset)
        | Target::Local(LocalRoute::Metrics | LocalRoute::Notifications | LocalRoute::Unreadable)
        | Target::Nothing => None,
    }
}

/// Whether a body is of the kind that a request for this must have. Of the API's routes, the functions judge it.
///
/// # Errors
/// The problem to answer when it is not.
pub(super) fn judge_kind(target: Target, headers: &HeaderMap) -> Result<(), Problem> {
    let Target::Local(LocalRoute::EventBridge | LocalRoute::Explain) = target else { return Ok(()) };
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json")) {
        return Ok(());
    }
    Err(Problem::new(415, "the body must be JSON, with Content-Type: application/json"))
}

/// Reads a body of at most `bound` bytes, which must have arrived within `patience`, and for which there must be room.
/// The room is the body's until the caller gives it up.
///
/// # Errors
/// The problem to answer; nothing more is to be read then.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    bound: usize,
    patience: Duration,
    in_flight: &InFlight,
) -> Result<(Bytes, Taken), Problem> {
    let too_large = || Problem::new(413, format!("a body must have at most {bound} bytes here"));
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > bound as u64) {
        return Err(too_large());
    }
    let arriving = async {
        let mut chunks = body.into_data_stream();
        let (mut read, mut taken) = (Vec::new(), Taken::default());
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| Problem::new(400, "the body broke off"))?;
            if read.len() + chunk.len() > bound {
                return Err(too_large());
            }
            in_flight.take(&mut taken, chunk.len())?;
            read.extend_from_slice(&chunk);
        }
        Ok((Bytes::from(read), taken))
    };
    let too_slow = Problem {
        title: "Request Timeout".to_owned(),
        ..Problem::new(408, format!("the body did not arrive within {} seconds", patience.as_secs()))
    };
    timeout(patience, arriving).await.unwrap_or(Err(too_slow))
}
