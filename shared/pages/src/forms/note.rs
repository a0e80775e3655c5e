//! The form of a note on a deployment, and the notes that it has.

use api::{Deployment, RecordedEvent};
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Subject};
use maud::{Markup, html};
use serde_json::Value;

use super::field::{Field, Order, summary};
use super::hidden;
use super::sheet::{CSRF, ID, Sender, Sheet};
use super::typed::Typed;
use crate::{Page, address, words};

/// The names of its fields.
pub const FIELDS: [&str; 3] = [ID, CSRF, "notes"];

const ORDER: &Order = &[("notes", "Add a note")];

/// What stands behind the address of a deployment where a note is sent to.
const NOTES: &str = "/notes";

/// The id of the deployment that a path takes notes on.
#[must_use]
pub fn noted(path: &str) -> Option<&str> {
    path.strip_prefix(crate::route::DEPLOYMENT)?.strip_suffix(NOTES).filter(|id| !id.is_empty())
}

/// The id of a form that is made when the deployment has so many events: whoever sends it from the same page again
/// sends the same.
#[must_use]
pub fn id(event_count: u64) -> String {
    format!("{event_count:032x}")
}

/// The card with the notes of a deployment, as far as its events are read, and the form for one more of whoever may
/// add it.
pub(crate) fn card(of: &Deployment, events: &[RecordedEvent], sender: Option<Sender<'_>>) -> Markup {
    let text = |event: &RecordedEvent| {
        let is_of_stage = event.event.get("type").and_then(Value::as_str) == Some("stage");
        event.event.get("notes").and_then(Value::as_str).filter(|_| !is_of_stage).map(str::to_owned)
    };
    let notes: Vec<(&RecordedEvent, String)> =
        events.iter().rev().filter_map(|event| Some((event, text(event)?))).collect();
    let latest = of.notes.as_ref().filter(|latest| !notes.iter().any(|(_, note)| note == *latest));
    let takes = DeploymentId::parse(&of.deployment_id).is_ok_and(|id| id.subject() == Subject::Deployment);
    let (id, typed) = (id(of.event_count), Typed::default());
    let sheet = sender.map(|sender| Sheet { id: &id, sender, typed: &typed, errors: &[], before: None });
    html! {
        section class="card" {
            h2 { "Notes" }
            @if let Some(latest) = latest { p class="note" { (latest) } }
            @for (event, note) in &notes {
                p class="note" { (note) span class="small under" { (event.producer) ", " (words::moment(&event.occurred_at)) } }
            }
            @if let Some(sheet) = sheet.filter(|_| takes) { (form(&sheet, &of.deployment_id)) }
        }
    }
}

/// The page of the form alone, where what was sent needs a look.
#[must_use]
pub fn page(sheet: &Sheet<'_>, deployment_id: &str) -> Page {
    Page {
        title: format!("A note on {deployment_id}"),
        rest: html! { a href=(address::deployment(deployment_id)) { "The deployment" } },
        json: String::new(),
        command: format!("deployment-status status {}", address::quoted(deployment_id)),
        content: html! { section class="card" data-still { (form(sheet, deployment_id)) } },
    }
}

fn form(sheet: &Sheet<'_>, deployment_id: &str) -> Markup {
    let field =
        Field { sheet, order: ORDER, name: "notes", hint: "It stays in the audit trail. The status stays as it is" };
    html! {
        form class="entry" method="post" action={ (address::deployment(deployment_id)) (NOTES) } {
            (hidden(sheet))
            (summary(sheet, ORDER, "Nothing was recorded"))
            (field.lines())
            p class="send" { button type="submit" { "Add the note" } }
        }
    }
}
