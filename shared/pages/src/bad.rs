//! Bad versions: why, where, since when, and who says so.

use api::{BadEvidence, BadState, BadVersion, BadVersions, Why};
use domain::label;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::fields::{self, Field};
use crate::symbol::Symbol;
use crate::{Page, address, words};

/// A page of versions that are bad, or were where that is asked for, and the cursor of the next one.
#[must_use]
pub fn page(asked: &Asked, list: &BadVersions) -> Page {
    let (items, next) = (&list.items, list.next_cursor.as_deref());
    let is_whole = next.is_none() && asked.parameter("cursor").is_none();
    let bad = items.iter().filter(|item| item.state == BadState::Bad).count();
    let of =
        |name: &str, before: &str| asked.parameter(name).map(|value| format!("{before}{value}")).unwrap_or_default();
    let about = [of("service", " of "), of("environment", " for ")].concat();
    let with_cleared = asked.parameter("cleared") == Some("true");
    let cleared = if with_cleared { format!(", {} cleared", items.len() - bad) } else { String::new() };
    Page {
        title: match (bad, is_whole) {
            (0, true) => format!("No version{about} is known to be bad{cleared}"),
            (1, true) => format!("1 version{about} is bad{cleared}"),
            (many, true) => format!("{many} versions{about} are bad{cleared}"),
            (many, false) => format!("Bad versions{about}: {many} on this page{cleared}"),
        },
        rest: html! {
            "A version is bad when it was rolled back, failed after completing, was measured to go badly, or someone said so, and nobody cleared it since."
            @if items.is_empty() && next.is_some() { " None of the services that were looked at for this page has one; there are more services." }
            @if let Some(left_out) = &list.left_out { " Not all was judged: " (left_out) "." }
        },
        json: address::with_query("/v1/bad", &fields::of_api(asked, &[("limit", "100")])),
        command: format!(
            "deployment-status bad list{}{}",
            fields::flags(asked, &[("service", "service"), ("environment", "environment"), ("asOf", "as-of")]),
            if with_cleared { " --cleared" } else { "" }
        ),
        content: html! {
            (fields::form(asked, "/bad", &[
                Field::Text("service", "Service"),
                Field::Text("environment", "Environment"),
                Field::Choice("cleared", "What was cleared", &[("true", "too"), ("false", "left out")]),
            ]))
            @for item in items { (card(asked, item)) }
            (fields::next(asked, next, "Those of more services"))
        },
    }
}

/// A version. What can be done about it belongs behind its evidence.
fn card(asked: &Asked, item: &BadVersion) -> Markup {
    let version = label(item.version.as_deref(), item.commit.as_deref()).unwrap_or_else(|| "not named".to_owned());
    let is_bad = item.state == BadState::Bad;
    let symbol = if is_bad { Symbol::Bad } else { Symbol::Completed };
    html! {
        section class="card verdict" {
            h2 { (item.service) " " (version) }
            p class="told" {
                (symbol.with(&html! { @if is_bad { "bad" } @else { "cleared" } }))
                span class="small" { @if is_bad { "for " } @else { "first spoken against " } (words::ago(&item.since.to_string(), asked.at())) @if !is_bad { " ago" } }
                @if let Some(commit) = &item.commit { span class="small" { "commit " code { (commit.chars().take(12).collect::<String>()) } } }
                @if let Some(version) = &item.version {
                    a class="small" href=(asked.link("/deployments", &[("service", &item.service), ("version", version)])) { "Deployments of " (version) }
                }
            }
            div class="scrolls" role="region" aria-label={ "What speaks against " (item.service) " " (version) } tabindex="0" {
                table class="plain" {
                    thead { tr {
                        th scope="col" { "Why" } th scope="col" { "Where" } th scope="col" { "When" }
                        th scope="col" { "Who, or which deployment" } th scope="col" { "Cleared" }
                    } }
                    tbody { @for piece in &item.evidence { (row(asked, piece)) } }
                }
            }
        }
    }
}

fn row(asked: &Asked, piece: &BadEvidence) -> Markup {
    html! {
        tr {
            td { (why(piece.why)) @if let Some(reason) = &piece.reason { span class="small under" { (reason) } } }
            td { (piece.environment.as_deref().unwrap_or("everywhere")) }
            td { (words::moment(&piece.at.to_string())) }
            td {
                @match (&piece.by, &piece.deployment_id) {
                    (Some(by), _) => (by),
                    (None, Some(id)) => a href=(asked.link(&address::deployment(id), &[])) { (id) },
                    (None, None) => "–",
                }
            }
            td {
                @if let Some(cleared) = &piece.cleared {
                    (words::moment(&cleared.at.to_string())) " by " (cleared.by)
                    span class="small under" { (cleared.reason) }
                } @else { "no" }
            }
        }
    }
}

/// Why, in words.
pub(crate) fn why(why: Why) -> &'static str {
    match why {
        Why::RolledBack => "rolled back",
        Why::FailedAfterCompleting => "failed after completing",
        Why::Marked => "called bad",
        Why::Measured => "went badly",
    }
}
