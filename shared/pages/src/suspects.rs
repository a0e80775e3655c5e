//! What changed before something went wrong, the likeliest cause first.

use api::{Suspect, Suspects};
use domain::questions::suspects::Window;
use domain::{Timestamp, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::fields::{self, Field};
use crate::route::SUSPECTS;
use crate::{Page, address, words};

/// From this score on, a change is one of the service itself, or of what it depends on.
pub const NEAR: u32 = 200;

/// A link to what changed before a service went wrong, at a time or when it is followed, in one environment or where it
/// is production.
pub(crate) fn way(asked: &Asked, service: &str, environment: Option<&str>, at: Option<&str>) -> Markup {
    let of = [("service", Some(service)), ("environment", environment), ("at", at)];
    let of: Vec<(&str, &str)> = of.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    html! { a href=(asked.link(SUSPECTS, &of)) { "What changed before" } }
}

/// The form alone, where nothing is asked for yet.
#[must_use]
pub fn empty_page(asked: &Asked) -> Page {
    Page {
        title: "What changed before something went wrong".to_owned(),
        rest: html! { "Name a service and when it went wrong: what landed before that, or was under way, is listed, the likeliest cause first." },
        json: String::new(),
        command: String::new(),
        content: form(asked),
    }
}

/// The suspects. What is asked for has a service and a time.
#[must_use]
pub fn page(asked: &Asked, of: &Suspects) -> Page {
    let window = asked.parameter("window").and_then(|text| Window::parse(text).ok()).unwrap_or(Window::DEFAULT);
    let is_whole = of.next_cursor.is_none() && asked.parameter("cursor").is_none();
    let changes = match (of.items.len(), is_whole) {
        (0, true) => "nothing changed".to_owned(),
        (many, true) => words::count(many, "change"),
        (many, false) => format!("{} on this page", words::count(many, "change")),
    };
    let service = words::name(of.service.as_str());
    let places: Vec<&str> = of.environments.iter().map(domain::Environment::as_str).collect();
    Page {
        title: format!("Before {service} went wrong: {changes} in {window}"),
        rest: html! {
            "Up to " (words::time(of.at)) ", in " (places.join(", "))
            ". A score orders these, and is no probability. " a href=(asked.link(&address::service(of.service.as_str()), &[])) { (of.service) }
        },
        json: address::with_query("/v1/suspects", &fields::of_api(asked, &[("limit", "100")])),
        command: format!(
            "deployment-status bisect{}",
            fields::flags(
                asked,
                &[("service", "service"), ("at", "at"), ("environment", "environment"), ("window", "window")]
            )
        ),
        content: html! {
            (form(asked))
            @if !of.items.is_empty() { (table(asked, of)) }
            (fields::next(asked, of.next_cursor.as_deref(), "Those less likely"))
        },
    }
}

fn form(asked: &Asked) -> Markup {
    fields::form(
        asked,
        SUSPECTS,
        &[
            Field::Text("service", "Service"),
            Field::Time("at", "Went wrong at"),
            Field::Text("environment", "Environment"),
            Field::Text("window", "Look back (90m, 6h, 2d)"),
        ],
    )
}

fn table(asked: &Asked, of: &Suspects) -> Markup {
    html! {
        div class="card scrolls" role="region" aria-label="Changes" tabindex="0" {
            table class="plain" {
                caption class="hidden" { "What changed, the likeliest cause first" }
                thead { tr {
                    th scope="col" class="number" { "Score" } th scope="col" { "What" } th scope="col" { "Environment" }
                    th scope="col" { "Landed" } th scope="col" { "Why" } th scope="col" { "Deployment and links" }
                } }
                tbody { @for item in &of.items { (row(asked, item, of.at)) } }
            }
        }
    }
}

fn row(asked: &Asked, item: &Suspect, at: Timestamp) -> Markup {
    let what = label(item.version.as_deref(), item.commit.as_deref());
    html! {
        tr {
            td class="number" { (item.score) }
            td {
                a href=(asked.link(&address::service(item.service.as_str()), &[])) { (item.service) }
                " " (what.as_deref().unwrap_or("of no version"))
            }
            td {
                (item.environment)
                @if let Some(region) = &item.region { span class="small under" { (region) } }
            }
            td {
                @match item.landed_at {
                    Some(landed) => {
                        (words::time(landed)) span class="small under" { (words::span(at.seconds_since(landed))) " before" }
                    }
                    None => "under way",
                }
            }
            td { @for (nth, reason) in item.reasons.iter().enumerate() { @if nth > 0 { br; } (reason) } }
            td {
                a href=(asked.link(&address::deployment(&item.deployment_id), &[])) { (item.deployment_id) }
                @for (name, link) in &item.links { span class="small under" { (name) " " (address::outside(link)) } }
            }
        }
    }
}
