//! The audit trail: each event as it was recorded, and whether all of them are as they were.

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::words;
use api::{Deployment, RecordedEvent, Verification};
use domain::Timestamp;
use maud::{Markup, html};

/// How much of a hash is shown.
const SHORT: usize = 12;

/// The events, and what came of verifying them.
pub(super) fn card(asked: &Asked, of: &Deployment, events: &[RecordedEvent], verified: &Verification) -> Markup {
    let known = events.len() as u64;
    html! {
        section class="card" {
            h2 { "Audit trail " span class="small" { (words::count(usize::try_from(of.event_count).unwrap_or(usize::MAX), "event")) } }
            p {
                @if verified.intact { (Symbol::Intact.with(&html! { "intact: every hash follows from the one before" })) }
                @else { (Symbol::Broken.with(&html! { "not intact: " (verified.problems.join("; ")) })) }
                // What is altered later is found however it stood then.
                @if asked.is_past() { " " span class="small" { "as it is recorded now, with " (verified.events) " in all" } }
            }
            div class="scrolls" role="region" aria-label="Events" tabindex="0" {
                table class="plain" {
                    thead { tr { th scope="col" class="number" { "No." } th scope="col" { "Occurred" } th scope="col" { "Recorded" } th scope="col" { "What" } th scope="col" { "Reported by" } th scope="col" { "Hash" } th scope="col" { "Follows" } } }
                    tbody {
                        @for event in events {
                            tr {
                                td class="number" { (event.sequence) }
                                td { (words::moment(&event.occurred_at)) }
                                td { (after(event)) }
                                td { (what(event)) }
                                td { (event.producer) }
                                td { code { (short(&event.hash)) } }
                                td { code { @if event.previous_hash.is_empty() { "–" } @else { (short(&event.previous_hash)) } } }
                            }
                        }
                    }
                }
            }
            @if known < of.event_count {
                p class="small" { "The first " (known) " are shown; all of them are at " code { "/v1/deployments/" (of.deployment_id) "/events" } "." }
            }
        }
    }
}

/// How long after it happened it was recorded.
fn after(event: &RecordedEvent) -> String {
    match (Timestamp::parse(&event.occurred_at), Timestamp::parse(&event.recorded_at)) {
        (Ok(occurred), Ok(recorded)) => {
            let seconds = recorded.seconds_since(occurred);
            if seconds < 0.0 {
                format!("{:.1} s before", -seconds)
            } else if seconds < 10.0 {
                format!("+{seconds:.1} s")
            } else {
                format!("+{}", words::duration(seconds))
            }
        }
        _ => event.recorded_at.clone(),
    }
}

fn what(event: &RecordedEvent) -> String {
    let text = |name: &str| event.event[name].as_str().unwrap_or_default().to_lowercase().replace('_', " ");
    let (kind, status) = (text("type"), text("status"));
    let subject = match event.event["stage"].as_str() {
        Some(stage) if kind == "stage" => format!("stage {stage}"),
        _ if kind.is_empty() => "deployment".to_owned(),
        _ => kind,
    };
    format!("{subject} {status}").trim_end().to_owned()
}

fn short(hash: &str) -> String {
    hash.chars().take(SHORT).collect()
}
