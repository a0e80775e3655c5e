//! A deployment: what it is, its stages over time, its events and whether they are intact.

use api::{Deployment, JudgedDeployment, RecordedEvent, Verification};
use domain::{DeploymentId, Status, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::forms::{Sender, note};
use crate::symbol::{self, Symbol};
use crate::{Page, address, suspects, words};

mod outlook;
mod place;
mod stages;
mod trail;
mod verdict;

pub use place::{Brought, Part, Place};

/// A deployment with its events, as many as are read, what came of verifying them, and its place.
#[must_use]
pub fn page(
    asked: &Asked,
    of: &JudgedDeployment,
    events: &[RecordedEvent],
    verified: &Verification,
    place: &Place,
    sender: Sender<'_>,
) -> Page {
    let JudgedDeployment { deployment: of, verdict } = of;
    let path = address::id_path(&of.deployment_id);
    Page {
        title: title(of),
        rest: html! {
            a href=(asked.link(&address::service(&of.service), &[])) { (of.service) } " / "
            a href=(asked.link(&address::environment(&of.environment), &[])) { (of.environment) }
            " / " code { (of.deployment_id) } " · "
            a href=(asked.link("/deployments", &[("service", &of.service), ("environment", &of.environment)])) { "all of this service here" }
            @if of.deployment_id.starts_with(DeploymentId::INCIDENT) {
                " · " (suspects::way(asked, &of.service, Some(&of.environment), Some(of.started_at.as_ref().unwrap_or(&of.created_at))))
            }
        },
        json: asked.link(&format!("/v1/deployments/{path}"), &[]),
        command: format!("deployment-status status {}{}", address::quoted(&of.deployment_id), asked.flags()),
        content: html! {
            (facts(of, asked))
            div class="columns" {
                div {
                    (stages::card(of))
                    (trail::card(asked, of, events, verified))
                }
                div {
                    (error(of))
                    (verdict::card(asked, of, verdict.as_ref()))
                    (place::card(asked, of, place))
                    (place::changes(asked, of, place))
                    (metrics(of))
                    (links(of))
                    (note::card(of, events, Some(sender).filter(|_| asked.may_record())))
                }
            }
        },
    }
}

/// A deployment of a time of which nothing is known: it had not begun, or no event of it was recorded by then.
#[must_use]
pub fn unknown_page(id: &str, why: &str) -> Page {
    Page {
        title: format!("{id}: not known of that time"),
        rest: html! { (why) },
        json: format!("/v1/deployments/{}", address::id_path(id)),
        command: format!("deployment-status status {}", address::quoted(id)),
        content: html! { p { a href=(address::deployment(id)) { "As it is now" } } },
    }
}

/// `payments 5.2.0 failed in production`.
fn title(of: &Deployment) -> String {
    let version = label(of.version.as_deref(), of.commit.as_deref()).unwrap_or_default();
    let (service, environment) = (words::name(&of.service), words::name(&of.environment));
    if of.deployment_id.starts_with(DeploymentId::INCIDENT) {
        let state = if of.finished_at.is_none() { "is open" } else { "is resolved" };
        return format!("Incident of {service} in {environment} {state}");
    }
    let what = match of.status {
        Status::Pending => "waits for",
        Status::InProgress => "is on its way to",
        Status::Validating => "is validated in",
        Status::Completed => "completed in",
        Status::Failed => "failed in",
        Status::RolledBack => "was rolled back in",
        Status::Cancelled => "was cancelled in",
    };
    format!("{service} {} {what} {environment}", words::name(&version)).replace("  ", " ")
}

/// A fact, and what is said of it in small print.
#[expect(clippy::needless_pass_by_value, reason = "both are made at each call")]
fn fact(name: &str, value: Markup, more: Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) span class="small" { (more) } } } }
}

fn facts(of: &Deployment, asked: &Asked) -> Markup {
    let optional =
        |time: Option<&String>| html! { @if let Some(time) = time { (words::moment(time)) } @else { "not yet" } };
    let status = Symbol::from(of.status).with(&html! { (symbol::word(of.status)) });
    let trigger = of.triggered_by.as_ref();
    html! {
        dl class="card facts" {
            (fact("Status", status, html! { "attempt " (of.attempt) @for flag in &of.flags { ", " (flag.as_str()) } }))
            (fact("Created", words::moment(&of.created_at), html! { (words::ago(&of.created_at, asked.at())) @if asked.is_past() { " before" } @else { " ago" } }))
            (fact("Started", optional(of.started_at.as_ref()), html! { @if let Some(waited) = of.waited_seconds { "waited " (words::duration(waited)) } }))
            (fact("Finished", optional(of.finished_at.as_ref()), html! { @if let Some(took) = of.duration_seconds { "took " (words::duration(took)) } }))
            (outlook::facts(of, asked))
            (fact("Commit", html! { @if let Some(commit) = &of.commit { code { (commit.chars().take(12).collect::<String>()) } } @else { "not named" } }, html! {}))
            (fact("Triggered by",
                html! { (trigger.and_then(|trigger| trigger.actor.as_deref()).unwrap_or("not named")) },
                html! { @if let Some(reason) = trigger.and_then(|trigger| trigger.reason.as_ref()) { (reason) } }))
            (fact("Reported by", reporters(of), html! {}))
            @for (name, value) in [("Region", &of.region), ("Release", &of.release), ("Rolled back to", &of.rollback_to), ("Artifact", &of.artifact), ("Build", &of.build_number)] {
                @if let Some(value) = value { (fact(name, html! { (value) }, html! {})) }
            }
        }
    }
}

/// Who reported it; of what an earlier version recorded, its events say it.
fn reporters(of: &Deployment) -> Markup {
    match of.reported_by.as_deref() {
        Some([]) => html! { "nobody; it was concluded" },
        Some(who) => html! { @for (nth, one) in who.iter().enumerate() { @if nth > 0 { br; } (one) } },
        None => html! { "see its events" },
    }
}

fn error(of: &Deployment) -> Markup {
    let of_stage = of.failed_stage.as_ref();
    let error = of.error.as_ref().or_else(|| of_stage.and_then(|failed| failed.error.as_ref()));
    html! {
        @if error.is_some() || of_stage.is_some() {
            section class="card" {
                h2 { "Error" @if let Some(code) = error.and_then(|error| error.code.as_ref()) { " " span class="small" { (code) } } }
                @if let Some(stage) = of_stage { p { "In stage " strong { (stage.stage) } "." } }
                @if let Some(message) = error.and_then(|error| error.message.as_ref()) { pre class="error" { (message) } }
            }
        }
    }
}

fn metrics(of: &Deployment) -> Markup {
    let values = of.metrics.as_ref().map(domain::event::Metrics::measured).unwrap_or_default();
    html! {
        @if !values.is_empty() {
            section class="card" {
                h2 { "Metrics" }
                table class="plain" { tbody { @for (name, value) in &values { tr { th scope="row" { (name) } td class="number" { (value) } } } } }
            }
        }
    }
}

fn links(of: &Deployment) -> Markup {
    html! {
        @if !of.links.is_empty() {
            section class="card" {
                h2 { "Links" }
                table class="plain" { tbody {
                    @for (name, link) in &of.links {
                        tr { th scope="row" { (name) } td { (address::outside(link)) } }
                    }
                } }
            }
        }
    }
}
