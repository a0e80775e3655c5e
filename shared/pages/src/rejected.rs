//! What came from the queue or from webhooks and was not recorded, the newest first.

use api::Rejected;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::fields::{self, Field};
use crate::{Page, address, words};

/// How much of what was sent is shown, in characters.
const SHOWN: usize = 4000;

/// A page of rejected events, and the cursor of the next one.
#[must_use]
pub fn page(asked: &Asked, items: &[Rejected], next: Option<&str>) -> Page {
    Page {
        title: match items.len() {
            0 => "No rejected events".to_owned(),
            _ => "Rejected events, newest first".to_owned(),
        },
        rest: html! {
            @if items.is_empty() && next.is_some() { "None so far; there may be earlier ones." }
            @else {
                (words::count(items.len(), "event")) " on this page. They came from the queue or from webhooks, and were not recorded. "
                "What is refused at " code { "POST /v1/events" } " is answered to its sender, and is not kept."
            }
        },
        json: address::with_query("/v1/rejected", &fields::of_api(asked, &[])),
        command: "curl \"$DEPLOYMENT_STATUS_URL/v1/rejected\"".to_owned(),
        content: html! {
            (fields::form(asked, "/rejected", &[Field::Time("from", "Sent from"), Field::Time("to", "to before")]))
            @for item in items { (card(item)) }
            (fields::next(asked, next, "Earlier ones"))
        },
    }
}

fn card(item: &Rejected) -> Markup {
    let shown: String = item.raw.chars().take(SHOWN).collect();
    let is_cut = shown.len() < item.raw.len() || u64::try_from(item.raw.len()).unwrap_or(u64::MAX) < item.raw_bytes;
    html! {
        section class="card" {
            h2 { (item.detail) }
            p class="told" {
                span class="said bad" { (item.reason) }
                span class="small" { "by " (item.door) ", sent " (words::moment(&item.sent_at)) ", rejected " (words::moment(&item.recorded_at)) }
            }
            @if !item.errors.is_empty() {
                ul class="faults" { @for error in &item.errors { li { strong { @if error.field.is_empty() { "all of it" } @else { (error.field) } } ": " (error.detail) } } }
            }
            details {
                summary { "What was sent: " (words::count(usize::try_from(item.raw_bytes).unwrap_or(usize::MAX), "byte")) }
                pre class="sent" tabindex="0" { (shown) }
                p class="small" { @if is_cut { "The beginning of it. " } "SHA-256 of all of it: " code { (item.raw_hash) } }
            }
        }
    }
}
