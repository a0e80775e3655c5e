//! Deployments, the newest first, with filters.

use api::ListedDeployment;
use domain::{Status, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::{self, Symbol};
use crate::{Page, address, words};

/// The filters, each with what it is called.
const FILTERS: [(&str, &str); 4] =
    [("service", "Service"), ("environment", "Environment"), ("version", "Version"), ("release", "Release")];

/// A page of deployments, and the cursor of the next one.
#[must_use]
pub fn page(asked: &Asked, items: &[ListedDeployment], next: Option<&str>) -> Page {
    let of = |name: &str| asked.parameter(name).map(|value| format!(" {value}")).unwrap_or_default();
    let about: String = ["service", "environment", "version", "release", "status"].map(of).concat();
    let parameters: Vec<(&str, &str)> =
        asked.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // With `=`, a name that begins with a dash is a name all the same.
    let flags = ["service", "environment", "version", "release", "status"]
        .into_iter()
        .filter_map(|name| Some(format!(" --{name}={}", address::quoted(asked.parameter(name)?))));
    Page {
        title: if about.is_empty() { "Deployments, newest first".to_owned() } else { format!("Deployments:{about}") },
        rest: html! {
            @if items.is_empty() && next.is_none() { "There are none." }
            @else { (words::count(items.len(), "deployment")) " on this page." }
        },
        json: address::with_query("/v1/deployments", &parameters),
        command: format!("deployment-status history{}", flags.collect::<String>()),
        content: html! {
            (form(asked))
            (table(asked, items))
            @if let Some(next) = next { p { a href=(asked.here(&[("cursor", Some(next))])) { "Earlier ones" } } }
        },
    }
}

fn form(asked: &Asked) -> Markup {
    let chosen = asked.parameter("status");
    html! {
        form class="filters" method="get" action="/deployments" role="search" {
            @for (name, called) in FILTERS {
                label { (called) " " input name=(name) value=[asked.parameter(name)]; }
            }
            label { "Status "
                select name="status" {
                    option value="" { "any" }
                    @for status in Status::ALL { option value=(status.as_str()) selected[chosen == Some(status.as_str())] { (symbol::word(status)) } }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

/// Deployments as a table.
pub(crate) fn table(asked: &Asked, items: &[ListedDeployment]) -> Markup {
    html! {
        @if !items.is_empty() {
            div class="card scrolls" role="region" aria-label="Deployments" tabindex="0" {
                table class="plain" {
                    caption class="hidden" { "Deployments, newest first" }
                    thead { tr {
                        th scope="col" { "Created" } th scope="col" { "Service and version" } th scope="col" { "Environment" }
                        th scope="col" { "Status" } th scope="col" class="number" { "Took" } th scope="col" { "By" } th scope="col" { "Change" }
                    } }
                    tbody { @for item in items { (row(asked, item)) } }
                }
            }
        }
    }
}

fn row(asked: &Asked, item: &ListedDeployment) -> Markup {
    let version = label(item.version.as_deref(), item.commit.as_deref()).unwrap_or_else(|| "not named".to_owned());
    let actor = item.triggered_by.as_ref().and_then(|trigger| trigger.actor.as_deref());
    html! {
        tr {
            td { (words::moment(&item.created_at)) }
            td {
                a href=(asked.link(&address::service(&item.service), &[])) { strong { (item.service) } } " "
                a href=(asked.link(&address::deployment(&item.deployment_id), &[])) { (version) }
            }
            td { a href=(asked.link(&address::environment(&item.environment), &[])) { (item.environment) } }
            td { (Symbol::from(item.status).with(&html! { (symbol::word(item.status)) })) }
            td class="number" { @if let Some(took) = item.duration_seconds { (words::duration(took)) } @else { "–" } }
            td { (actor.unwrap_or("–")) }
            td { @if let Some(change) = item.change { (change.as_str()) } @else { "–" } }
        }
    }
}
