//! The form in which a version is called bad, or cleared: what was typed as a verdict, and the page around it.

use api::{BadEvidence, BadState, BadVersion, JudgedVersion, Why};
use domain::catalog::KnownNames;
use domain::event::{Reason, Verdict};
use domain::identifiers::{Identifier, Invalid};
use domain::{Commit, FieldError, Service, Version, label};
use maud::{Markup, html};
use serde_json::Value;

use super::field::{Field, Order, summary};
use super::sheet::{CSRF, ID, Sender, Sheet};
use super::typed::Typed;
use super::{Form, hidden};
use crate::symbol::Symbol;
use crate::{Page, address, words};

/// The names of its fields.
pub const FIELDS: [&str; 9] =
    [ID, CSRF, "outcome", "service", "version", "newVersion", "commit", "environment", "reason"];

const ORDER: &Order = &[
    ("outcome", "What you say of it"),
    ("service", "Service"),
    ("version", "Version"),
    ("commit", "Commit"),
    ("environment", "Where"),
    ("reason", "Reason"),
];

const CHOICES: [(&str, &str); 2] =
    [("BAD", "It is bad"), ("CLEARED", "It is cleared of what spoke against it until now")];

/// The verdict of what was typed, by whoever sends it.
///
/// # Errors
/// What is wrong with it, at the fields of the form.
pub fn read(typed: &Typed, sender: Sender<'_>) -> Result<Value, Vec<FieldError>> {
    let mut errors = Vec::new();
    let outcome = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == typed.text("outcome"));
    if outcome.is_none() {
        errors.push(FieldError::new("outcome", "say whether it is bad or cleared"));
    }
    let service: Option<Service> = parsed(typed, "service", &mut errors);
    if typed.given("service").is_none() {
        errors.push(FieldError::new("service", "name the service"));
    }
    let version: Option<Version> = parsed(typed, "version", &mut errors);
    let commit: Option<Commit> = parsed(typed, "commit", &mut errors);
    if typed.given("version").is_none() && typed.given("commit").is_none() {
        errors.push(FieldError::new("version", "name the version, or a commit"));
    }
    let reason = Reason::parse(typed.text("reason").trim());
    let reason = reason.map_err(|wrong| errors.push(FieldError::new("reason", format!("say why: it {wrong}"))));
    match (outcome, service, reason) {
        (Some(outcome), Some(service), Ok(reason)) if errors.is_empty() => Ok(JudgedVersion {
            id: Some(typed.text(ID)),
            outcome,
            service: &service,
            version: version.as_ref(),
            commit: commit.as_ref(),
            environment: typed.given("environment"),
            reason: &reason,
            at: None,
            actor: sender.actor(),
        }
        .event()),
        _ => Err(errors),
    }
}

fn parsed<T: Identifier>(typed: &Typed, field: &str, errors: &mut Vec<FieldError>) -> Option<T> {
    let parsed = typed.given(field).map(T::parse)?;
    parsed.map_err(|Invalid(wrong)| errors.push(FieldError::new(field, wrong))).ok()
}

/// What is judged and nobody deployed. A version can be called bad before, if that is said.
#[must_use]
pub fn unsaid(typed: &Typed, service: bool, version: Option<bool>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let name = typed.given("service").unwrap_or_default();
    if !service {
        errors.push(FieldError::new("service", format!("no deployment names {name}; choose one that is known")));
    }
    if let Some(version) = typed.given("version").filter(|_| version != Some(true) && !typed.is_ticked("newVersion")) {
        let wrong = format!("no deployment of {name} was found with {version}; tick the box if it was never deployed");
        errors.push(FieldError::new("version", wrong));
    }
    errors
}

/// The page that shows what is known of the version, and has the form.
#[must_use]
pub fn page(sheet: &Sheet<'_>, known: &KnownNames, of_service: &[BadVersion]) -> Page {
    let typed = sheet.typed;
    let (service, version, commit) = (typed.given("service"), typed.given("version"), typed.given("commit"));
    let called = service.zip(label(version, commit));
    let called = called.map(|(service, called)| (words::name(service), words::name(&called).into_owned()));
    let found = of_service.iter().find(|bad| bad.version.as_deref() == version && bad.commit.as_deref() == commit);
    let title = match (&called, found.map(|bad| bad.state)) {
        (Some((service, called)), Some(BadState::Bad)) => format!("{service} {called} is bad"),
        (Some((service, called)), Some(BadState::Cleared)) => format!("{service} {called} is cleared"),
        (Some((service, called)), None) => format!("Nothing speaks against {service} {called}"),
        (None, _) => "Call a version bad, or clear it".to_owned(),
    };
    let query: Vec<(&str, &str)> = service.map(|service| ("service", service)).into_iter().collect();
    Page {
        title,
        rest: html! { "A bad version stays bad until someone clears it. Gates that ask for it do not let it in." },
        json: address::with_query("/v1/bad", &[&query[..], &[("cleared", "true")]].concat()),
        command: command(sheet),
        content: html! {
            @if let Some(bad) = found {
                section class="card" {
                    h2 { "What speaks against it" }
                    table class="plain" {
                        thead { tr { th scope="col" { "Why" } th scope="col" { "Where" } th scope="col" { "When" } th scope="col" { "Detail" } } }
                        tbody { @for evidence in &bad.evidence { (row(evidence)) } }
                    }
                }
            }
            (form(sheet, known))
        },
    }
}

fn row(evidence: &BadEvidence) -> Markup {
    let (why, symbol) = match evidence.why {
        Why::RolledBack => ("rolled back", Symbol::RolledBack),
        Why::FailedAfterCompleting => ("failed after completing", Symbol::Failed),
        Why::Marked => ("called bad", Symbol::Failed),
        Why::Measured => ("went badly", Symbol::Bad),
    };
    html! {
        tr {
            td { (symbol.with(&html! { (why) })) }
            td { (evidence.environment.as_deref().unwrap_or("everywhere")) }
            td { (words::moment(&evidence.at.to_string())) }
            td {
                @if let Some(id) = &evidence.deployment_id { a href=(address::deployment(id)) { (id) } }
                @if let Some(reason) = &evidence.reason { @if let Some(by) = &evidence.by { (by) } ": " (reason) }
                @if let Some(cleared) = &evidence.cleared { " " span class="small" { "cleared by " (cleared.by) ": " (cleared.reason) } }
            }
        }
    }
}

/// The form alone.
#[must_use]
pub fn form(sheet: &Sheet<'_>, known: &KnownNames) -> Markup {
    let field = |name, hint| Field { sheet, order: ORDER, name, hint };
    let environments: Vec<&str> = known.environments.iter().map(domain::Environment::as_str).collect();
    html! {
        form class="card entry" method="post" action=(Form::Bad.path()) data-still {
            (hidden(sheet))
            (summary(sheet, ORDER, "Nothing was recorded"))
            (field("outcome", "").choice(&CHOICES))
            div class="pair" {
                div {
                    (field("service", "").line(Some("services")))
                    datalist id="services" { @for name in &known.services { option value=(name) {} } }
                }
                div {
                    (field("version", "").line(Some("versions")))
                    datalist id="versions" { @for name in &known.versions { option value=(name) {} } }
                    @if sheet.error("version").is_some() || sheet.typed.is_ticked("newVersion") {
                        (field("newVersion", "").tick("It was never deployed"))
                    }
                }
            }
            div class="pair" {
                (field("commit", "Only if one build of the version is meant").line(None))
                (field("environment", "Where it is said of").select("Everywhere", &environments))
            }
            (field("reason", "Whoever reads it later has only this").lines())
            p class="send" {
                button type="submit" class="filled" { "Record" }
                span class="small" {
                    @if sheet.sender.is_known() { "As " (sheet.sender.caller) } @else { "Nobody logs in here: by anonymous" }
                }
            }
        }
    }
}

/// The command that records the same, as far as it is filled in.
fn command(sheet: &Sheet<'_>) -> String {
    let typed = sheet.typed;
    let action = if typed.text("outcome") == "CLEARED" { "clear" } else { "mark" };
    let named =
        typed.given("service").zip(typed.given("version")).map(|(service, version)| format!("{service}@{version}"));
    let named = named.map_or_else(|| "SERVICE@VERSION".to_owned(), |named| address::quoted(&named));
    let reason = typed.given("reason").map_or_else(|| "TEXT".to_owned(), address::quoted);
    format!("deployment-status bad {action} {named} --reason {reason}")
}
