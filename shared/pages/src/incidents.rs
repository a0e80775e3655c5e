//! Incidents, the newest first.

use api::{Incident, IncidentStatus};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::fields::{self, Field};
use crate::symbol::Symbol;
use crate::{Page, address, suspects, words};

/// A page of incidents, and the cursor of the next one.
#[must_use]
pub fn page(asked: &Asked, items: &[Incident], next: Option<&str>) -> Page {
    let open = items.iter().filter(|item| item.status == IncidentStatus::Open).count();
    let of =
        |name: &str, before: &str| asked.parameter(name).map(|value| format!("{before}{value}")).unwrap_or_default();
    let about = [of("service", " of "), of("environment", " in ")].concat();
    Page {
        title: match (items.is_empty(), open) {
            (true, _) => format!("No incidents{about}"),
            (false, 0) => format!("Incidents{about}, newest first: none on this page is open"),
            (false, open) => format!(
                "Incidents{about}, newest first: {open} on this page {} open",
                if open == 1 { "is" } else { "are" }
            ),
        },
        rest: html! {
            @if items.is_empty() && next.is_some() { "None so far; there may be earlier ones." }
            @else { (words::count(items.len(), "incident")) " on this page. Each counts for the " a href=(asked.link("/metrics", &[])) { "time to restore" } "." }
        },
        json: address::with_query("/v1/incidents", &fields::of_api(asked, &[])),
        command: "curl \"$DEPLOYMENT_STATUS_URL/v1/incidents\"".to_owned(),
        content: html! {
            (fields::form(asked, "/incidents", &[
                Field::Text("service", "Service"),
                Field::Text("environment", "Environment"),
                Field::Time("from", "Began from"),
                Field::Time("to", "to before"),
            ]))
            @if !items.is_empty() { (table(asked, items)) }
            (fields::next(asked, next, "Earlier ones"))
        },
    }
}

fn table(asked: &Asked, items: &[Incident]) -> Markup {
    html! {
        div class="card scrolls" role="region" aria-label="Incidents" tabindex="0" {
            table class="plain" {
                caption class="hidden" { "Incidents, newest first" }
                thead { tr {
                    th scope="col" { "Began" } th scope="col" { "Incident" } th scope="col" { "Service" } th scope="col" { "Environment" }
                    th scope="col" { "State" } th scope="col" class="number" { "Took" } th scope="col" { "Suspected" } th scope="col" { "Notes and links" }
                } }
                tbody { @for item in items { (row(asked, item)) } }
            }
        }
    }
}

fn row(asked: &Asked, item: &Incident) -> Markup {
    let is_open = item.status == IncidentStatus::Open;
    html! {
        tr {
            td { (words::moment(&item.started_at)) }
            td { a href=(asked.link(&address::deployment(&item.incident_id), &[])) { (item.incident_id) } }
            td { (item.service) }
            td { (item.environment) }
            td {
                @if is_open { (Symbol::Failed.with(&html! { "open" })) span class="small under" { "for " (words::ago(&item.started_at, asked.now)) } }
                @else { (Symbol::Completed.with(&html! { "resolved" })) }
            }
            td class="number" { @if let Some(took) = item.duration_seconds { (words::duration(took)) } @else { "–" } }
            td {
                (item.version.as_deref().or(item.artifact.as_deref()).unwrap_or("–"))
                span class="small under" { (suspects::way(asked, &item.service, Some(&item.environment), Some(&item.started_at))) }
                @if let Some(id) = &item.deployment_id { span class="small under" { "counts against " a href=(asked.link(&address::deployment(id), &[])) { (id) } } }
            }
            td {
                @if let Some(notes) = &item.notes { span class="under" { (notes) } }
                @for (name, link) in &item.links { span class="small under" { (name) " " (address::outside(link)) } }
                @if item.notes.is_none() && item.links.is_empty() { "–" }
            }
        }
    }
}
