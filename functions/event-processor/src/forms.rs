//! What people send from the forms of the pages. It is recorded by the way of everything that is posted, and answered
//! with where it can be seen; or with the form again, with what is wrong and all that was typed.

mod bad;
mod note;
mod record;

use api::{ElementReceipt, Problem, Receipt, Request, Response};
use domain::catalog::KnownNames;
use domain::identifiers::Identifier;
use domain::questions::asked::Asked as AskedName;
use domain::settings::Aliases;
use domain::{Environment, FieldError, Service, Timestamp, Version};
use formats::{Arrival, Contents, Payload, Settings, read};
use pages::forms::{Form, Sender, Typed, judge};
use pages::{Asked, Page, SignedIn, headers};
use publisher::Publisher;
use serde_json::Value;
use store::{StoreError, WriteItems};

use crate::problem::problem;
use crate::processor::{EventProcessor, Failed};

/// What becomes of what was sent.
enum Sent {
    /// It is recorded, and can be seen there.
    Recorded(String),
    /// It is not: the form again, with the status.
    Again(u16, Page),
}

/// Why an event of a form is not recorded.
enum NotRecorded {
    /// It is wrong, or there was no time for it: the status, and what is wrong with which field.
    Refused(u16, Vec<FieldError>),
    /// Something else was recorded of the same form.
    Otherwise,
}

impl<S: WriteItems, P: Publisher> EventProcessor<S, P> {
    /// Takes what a form sends.
    pub(crate) async fn form(
        &self,
        form: Form,
        request: &Request,
        signed_in: Option<SignedIn>,
        now: Timestamp,
    ) -> Result<Response, Failed> {
        let fields = match form {
            Form::Record => &pages::forms::record::FIELDS[..],
            Form::Bad => &pages::forms::bad::FIELDS,
            Form::Note => &pages::forms::note::FIELDS,
        };
        let asked = Asked { signed_in, ..Asked::new(&request.path, &[], now) };
        let refused = |wrong: &Problem| {
            tracing::info!(status = wrong.status, detail = wrong.detail, "a form was refused");
            html(wrong.status, &pages::problem::page(wrong), &asked)
        };
        let typed = match Typed::read(request, fields) {
            Ok(typed) => typed,
            Err(wrong) => return Ok(refused(&wrong)),
        };
        if let Err(foreign) = judge(request, typed.csrf(), asked.csrf()) {
            return Ok(refused(&foreign));
        }
        let settings = match self.settings_in_force(now).await {
            Ok(settings) => settings,
            Err(unreadable) => return Ok(refused(&unreadable)),
        };
        let sender = Sender { caller: &request.caller, groups: &request.groups, csrf: asked.csrf() };
        // In boxes: their futures are large.
        let sent = match form {
            Form::Record => Box::pin(self.send_record(&typed, sender, &settings, now)).await?,
            Form::Bad => Box::pin(self.send_bad(&typed, sender, &settings, now)).await?,
            Form::Note => {
                let deployment = pages::forms::note::noted(&request.path).unwrap_or_default();
                Box::pin(self.send_note(deployment, &typed, sender, &settings, now)).await?
            }
        };
        Ok(match sent {
            Sent::Again(status, page) => html(status, &page, &asked),
            Sent::Recorded(path) => {
                let seen = Response { status: 303, headers: Vec::new(), body: String::new() };
                seen.with("location", path).with("cache-control", "no-store")
            }
        })
    }

    /// What is wrong with an event, without recording it.
    fn wrong_with(event: &Value, settings: &Settings, sender: Sender<'_>, now: Timestamp) -> Vec<FieldError> {
        match Self::judged(event, settings, sender, now) {
            Ok(_) => Vec::new(),
            Err(ElementReceipt::Refused(wrong)) => errors_of(wrong),
            Err(ElementReceipt::Accepted(ignored)) => vec![FieldError::new("", ignored.reason.unwrap_or_default())],
        }
    }

    fn judged(
        event: &Value,
        settings: &Settings,
        sender: Sender<'_>,
        now: Timestamp,
    ) -> Result<domain::ledger::received::Received, ElementReceipt> {
        let body = event.to_string();
        let payload = Payload::posted([("content-type", "application/json")], body.as_bytes());
        let contents = read::posted(&payload, now).map_err(|rejection| ElementReceipt::Refused(problem(rejection)))?;
        let signed = Arrival::signed(now, Arrival::PAGE);
        let arrival = Arrival { producer: sender.caller, groups: sender.groups, ..signed };
        match contents {
            Contents::One(element) => Self::readable(element, settings, arrival),
            // A form sends one event.
            Contents::Array(_) => Err(ElementReceipt::Refused(Problem::new(400, "an event must be an object"))),
        }
    }

    /// Records the event of a form.
    async fn record_typed(
        &self,
        event: &Value,
        settings: &Settings,
        sender: Sender<'_>,
        now: Timestamp,
    ) -> Result<Result<Receipt, NotRecorded>, Failed> {
        let judged = Self::judged(event, settings, sender, now);
        Ok(match Box::pin(self.record_all(vec![judged], now)).await?.pop() {
            Some(ElementReceipt::Accepted(receipt)) => Ok(receipt),
            Some(ElementReceipt::Refused(wrong)) if wrong.status == 409 => Err(NotRecorded::Otherwise),
            Some(ElementReceipt::Refused(wrong)) => {
                let status = if [403, 503].contains(&wrong.status) { wrong.status } else { 422 };
                if status == 403 {
                    Box::pin(self.count_forbidden(Arrival::PAGE, 1, now)).await;
                }
                Err(NotRecorded::Refused(status, errors_of(wrong)))
            }
            None => Err(NotRecorded::Refused(503, vec![FieldError::new("", "there is no result; send it again")])),
        })
    }

    /// What is known by name, in the order of the promotion path, with the versions of the service that was typed.
    async fn known_names(&self, service: &AskedName<Service>, settings: &Settings) -> Result<KnownNames, StoreError> {
        let mut known = self.recorder.reader().known_names(service).await?;
        settings.general.path().sort(&mut known.environments, |name: &Environment| name);
        Ok(known)
    }

    /// Whether any deployment of a service has the version that was typed; none where nobody can say.
    async fn has_version(&self, service: &AskedName<Service>, typed: &Typed) -> Result<Option<bool>, StoreError> {
        match typed.given("version").map(Version::parse) {
            Some(Ok(version)) if service.name().is_some() => self.recorder.reader().has_version(service, version).await,
            // What is wrong with the name is said by whoever reads it.
            _ => Ok(Some(true)),
        }
    }
}

/// The name that was typed, with its other names; none where it is no name.
fn named<T: Identifier + Ord + Clone>(typed: Option<&str>, aliases: &Aliases<T>) -> AskedName<T> {
    let name = typed.and_then(|name| T::parse(name).ok());
    name.map(|name| AskedName::of(name, aliases)).unwrap_or_default()
}

/// What is wrong with which field; without a name, with the whole.
fn errors_of(wrong: Problem) -> Vec<FieldError> {
    if wrong.errors.is_empty() { vec![FieldError::new("", wrong.detail)] } else { wrong.errors }
}

/// The first of what is wrong with each field.
fn first_of_each(errors: Vec<FieldError>) -> Vec<FieldError> {
    let mut first: Vec<FieldError> = Vec::new();
    for error in errors {
        if !first.iter().any(|other| other.field == error.field) {
            first.push(error);
        }
    }
    first
}

/// What makes another thing of what a form sends. Without randomness it has none, and is refused when it is sent.
fn fresh_id() -> String {
    lambda::random_id().unwrap_or_else(|error| {
        tracing::error!(%error, "there is no randomness");
        String::new()
    })
}

/// A page as an answer.
fn html(status: u16, page: &Page, asked: &Asked) -> Response {
    let response = Response { status, headers: Vec::new(), body: page.document(asked) };
    let response = response.with("content-type", "text/html; charset=utf-8").with("cache-control", "no-store");
    headers::HEADERS.into_iter().fold(response, |response, (name, value)| response.with(name, value))
}
