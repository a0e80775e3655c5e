//! A deployment: what it is, its stages over time, its events and whether they are intact.

use api::{Deployment, RecordedEvent, Verification};
use domain::{Status, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::forms::{Sender, note};
use crate::symbol::{self, Symbol};
use crate::{Page, address, words};

mod stages;
mod trail;

/// A deployment with its events, as many as are read, and what came of verifying them.
#[must_use]
pub fn page(
    asked: &Asked,
    of: &Deployment,
    events: &[RecordedEvent],
    verified: &Verification,
    sender: Sender<'_>,
) -> Page {
    let path = address::id_path(&of.deployment_id);
    Page {
        title: title(of),
        rest: html! {
            a href=(asked.link("/deployments", &[("service", &of.service)])) { (of.service) } " / "
            a href=(asked.link("/deployments", &[("service", &of.service), ("environment", &of.environment)])) { (of.environment) }
            " / " code { (of.deployment_id) }
        },
        json: format!("/v1/deployments/{path}"),
        command: format!("deployment-status status {}", address::quoted(&of.deployment_id)),
        has_times: false,
        content: html! {
            (facts(of, asked))
            div class="columns" {
                div {
                    (stages::card(of))
                    (trail::card(of, events, verified))
                }
                div {
                    (error(of))
                    (metrics(of))
                    (links(of))
                    (note::card(of, events, sender))
                }
            }
        },
    }
}

/// `payments 5.2.0 failed in production`.
fn title(of: &Deployment) -> String {
    let version = label(of.version.as_deref(), of.commit.as_deref()).unwrap_or_default();
    let (service, environment) = (&of.service, &of.environment);
    let what = match of.status {
        Status::Pending => "waits for",
        Status::InProgress => "is on its way to",
        Status::Validating => "is validated in",
        Status::Completed => "completed in",
        Status::Failed => "failed in",
        Status::RolledBack => "was rolled back in",
        Status::Cancelled => "was cancelled in",
    };
    format!("{service} {version} {what} {environment}").replace("  ", " ")
}

fn facts(of: &Deployment, asked: &Asked) -> Markup {
    let fact = |name: &str, value: Markup, more: Markup| {
        html! { div { dt { (name) } dd { (value) span class="small" { (more) } } } }
    };
    let optional =
        |time: Option<&String>| html! { @if let Some(time) = time { (words::moment(time)) } @else { "not yet" } };
    let status = Symbol::from(of.status).with(&html! { (symbol::word(of.status)) });
    let trigger = of.triggered_by.as_ref();
    html! {
        dl class="card facts" {
            (fact("Status", status, html! { "attempt " (of.attempt) @for flag in &of.flags { ", " (flag.as_str()) } }))
            (fact("Created", words::moment(&of.created_at), html! { (words::ago(&of.created_at, asked.now)) " ago" }))
            (fact("Started", optional(of.started_at.as_ref()), html! { @if let Some(waited) = of.waited_seconds { "waited " (words::duration(waited)) } }))
            (fact("Finished", optional(of.finished_at.as_ref()), html! { @if let Some(took) = of.duration_seconds { "took " (words::duration(took)) } }))
            (fact("Commit", html! { @if let Some(commit) = &of.commit { code { (commit.chars().take(12).collect::<String>()) } } @else { "not named" } }, html! {}))
            (fact("Triggered by",
                html! { (trigger.and_then(|trigger| trigger.actor.as_deref()).unwrap_or("not named")) },
                html! { @if let Some(reason) = trigger.and_then(|trigger| trigger.reason.as_ref()) { (reason) } }))
            @for (name, value) in [("Region", &of.region), ("Release", &of.release), ("Rolled back to", &of.rollback_to), ("Artifact", &of.artifact), ("Build", &of.build_number)] {
                @if let Some(value) = value { (fact(name, html! { (value) }, html! {})) }
            }
        }
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
