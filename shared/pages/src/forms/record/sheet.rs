//! The form as a page.

use domain::catalog::KnownNames;
use maud::{Markup, html};

use crate::forms::field::{Field, Order, summary};
use crate::forms::sheet::Sheet;
use crate::forms::{Form, hidden};
use crate::{Page, address, route};

/// The fields in the order in which they stand.
const ORDER: &Order = &[
    ("what", "What happened"),
    ("service", "Service"),
    ("version", "Version"),
    ("environment", "Environment"),
    ("newEnvironment", "A new environment"),
    ("at", "When"),
    ("region", "Region (optional)"),
    ("commit", "Commit (optional)"),
    ("notes", "Notes (optional)"),
];

const CHOICES: [(&str, &str); 4] = [
    ("completed", "A version was deployed"),
    ("failed", "A deployment failed"),
    ("rolled-back", "It was rolled back to a version"),
    ("removed", "The service was removed"),
];

/// How many versions are named beside the field.
const NAMED: usize = 8;

/// The page of the form, with what is known by name.
#[must_use]
pub fn page(sheet: &Sheet<'_>, known: &KnownNames) -> Page {
    Page {
        title: "Record a deployment by hand".to_owned(),
        rest: html! { "For what no pipeline reported. It is judged by the same rules as what pipelines report, and stays in the audit trail." },
        json: String::new(),
        command: command(sheet),
        content: html! {
            div class="columns" {
                (form(sheet, known))
                (by_whom(sheet))
            }
        },
    }
}

fn form(sheet: &Sheet<'_>, known: &KnownNames) -> Markup {
    let field = |name, hint| Field { sheet, order: ORDER, name, hint };
    let (service, version) = (
        field("service", "As it is in the matrix, or another name of it"),
        field("version", "As the build named it; of a rollback, the one that runs again"),
    );
    let environments: Vec<&str> = known.environments.iter().map(domain::Environment::as_str).collect();
    let new_environment = field("newEnvironment", "Only if it is not in the list");
    let names_one = !sheet.typed.text("newEnvironment").is_empty() || environments.is_empty();
    html! {
        form class="card entry" method="post" action=(Form::Record.path()) data-still {
            (hidden(sheet))
            (summary(sheet, ORDER, "Nothing was recorded"))
            (field("what", "").choice(&CHOICES))
            div class="pair" {
                div {
                    (service.line(Some("services")))
                    datalist id="services" { @for name in &known.services { option value=(name) {} } }
                    @if wants_tick(sheet, "service", "newService") || known.services.is_empty() {
                        (field("newService", "").tick("It is a new service that nobody reported yet"))
                    }
                }
                div {
                    (version.line(Some("versions")))
                    datalist id="versions" { @for name in &known.versions { option value=(name) {} } }
                    @if !known.versions.is_empty() {
                        p class="small" { "Known: " (known.versions.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ")) @if known.versions.len() > NAMED { ", …" } }
                    }
                    @if wants_tick(sheet, "version", "newVersion") {
                        (field("newVersion", "").tick("It is a new version that nobody reported yet"))
                    }
                }
            }
            div class="pair" {
                (field("environment", "").select("Choose one", &environments))
                details open[names_one || new_environment.error().is_some()] {
                    summary { "It is not in the list" }
                    (new_environment.line(None))
                }
            }
            (when(&field("at", "In UTC, and not in the future. Left empty, it is now")))
            div class="pair" {
                (field("region", "Where regions run different versions").line(None))
                (field("commit", "That the version was built from").line(None))
            }
            (field("notes", "").lines())
            p class="send" {
                button type="submit" class="filled" { "Record" }
                a href="/" { "Cancel" }
            }
        }
    }
}

/// Whether a box is there to tick: where something seems to be new, or was said to be.
fn wants_tick(sheet: &Sheet<'_>, field: &str, tick: &str) -> bool {
    sheet.error(field).is_some() || sheet.typed.is_ticked(tick)
}

fn when(field: &Field<'_>) -> Markup {
    field.around(&html! {
        input id=(field.id()) name=(field.name) type="datetime-local" step="1" value=(field.sheet.typed.text(field.name))
            aria-describedby=[field.described_by()] aria-invalid=[field.error().map(|_| "true")] autofocus[field.has_focus()] data-utc="local-time";
        // The script says here which time of the reader's own that is.
        " " output id="local-time" class="small" for=(field.id()) {}
    })
}

fn by_whom(sheet: &Sheet<'_>) -> Markup {
    let sender = sheet.sender;
    html! {
        section class="card" {
            h2 { "By whom" }
            @if sender.is_known() {
                p { "It is recorded as entered by " strong { (sender.caller) } ", which is how this server knows you." }
                // Only a token is logged in with here.
                @if sender.caller.starts_with("token:") { p { a href="/logout" { "Not you? Log out" } } }
            } @else {
                p { "Nobody logs in here: it is recorded without a name, by " strong { "anonymous" } "." }
            }
            p { "Is a version not to be used? " a href=(route::MARK_BAD) { "Call it bad, or clear it" } }
        }
    }
}

/// The command that records the same, as far as it is filled in.
fn command(sheet: &Sheet<'_>) -> String {
    let typed = sheet.typed;
    let environment = super::environment(typed);
    let (status, version) = match typed.text("what") {
        "failed" => ("failed", "--version"),
        "rolled-back" => ("rolled-back", "--rollback-to"),
        "removed" => ("completed --removal", "--version"),
        _ => ("completed", "--version"),
    };
    let flags =
        [("--service", typed.given("service")), ("--environment", environment), (version, typed.given("version"))];
    let flags = flags.into_iter().filter_map(|(flag, value)| Some(format!(" {flag} {}", address::quoted(value?))));
    format!("deployment-status record --id ID --status {status}{}", flags.collect::<String>())
}
