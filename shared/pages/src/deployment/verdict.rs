//! How a deployment went, with the evidence.

use api::Deployment;
use domain::health::suggestion::Suggestion;
use domain::health::verdict::{Reason, State, Verdict};
use domain::{Commit, Version, label};
use maud::{Markup, html};

use crate::symbol::Symbol;
use crate::{address, asked::Asked};
use crate::{suspects, words};

/// The verdict and why; nothing where there is none.
pub(super) fn card(asked: &Asked, of: &Deployment, verdict: Option<&Verdict>) -> Markup {
    let Some(verdict) = verdict else { return html! {} };
    let (symbol, says) = match verdict.state {
        State::Watching => (Symbol::Running, "watched: nothing speaks against it so far"),
        State::Good => (Symbol::Completed, "good: it was watched, and what was measured was well"),
        State::Unobserved => (Symbol::Unseen, "unobserved: it was watched, and nobody measured"),
        State::Suspect => (Symbol::Suspect, "suspected: something went wrong where it ran"),
        State::Bad => (Symbol::Bad, "bad"),
    };
    html! {
        section class="card" {
            h2 { "Verdict" }
            p { (symbol.with(&html! { (says) })) " " span class="small" { "since " (words::moment(&verdict.since.to_string())) } }
            @for reason in &verdict.reasons { (why(asked, reason)) }
            @if let Some(suggestion) = &verdict.suggestion { (what_to_do(asked, suggestion)) }
            @if let Some(suggested) = &verdict.suggested {
                p { strong { "Suggested" } " to whoever puts versions back: " (suggested.in_words()) "; " (suggested.sent()) }
            }
            @if matches!(verdict.state, State::Bad | State::Suspect) {
                p { (suspects::way(asked, &of.service, Some(&of.environment), Some(&verdict.since.to_string()))) " it went wrong" }
            }
            @if verdict.outside > 0 {
                p class="small" { (verdict.outside) " more do not count: they are of a time when it was not watched." }
            }
        }
    }
}

/// What to go back to, and how.
fn what_to_do(asked: &Asked, suggestion: &Suggestion) -> Markup {
    let Some(id) = &suggestion.deployment_id else {
        return html! { p { strong { "Suggestion" } ": " (suggestion.in_words()) } };
    };
    let version = suggestion.version.as_ref().map(Version::as_str);
    let what = label(version, suggestion.commit.as_ref().map(Commit::as_str));
    html! {
        p {
            strong { "Suggestion" } ": go back to " (what.as_deref().unwrap_or("what it brought")) ", by "
            a href=(asked.link(&address::deployment(id.as_str()), &[])) { (id) }
            @if let Some(link) = suggestion.link.as_ref().filter(|link| link.starts_with("https://")) {
                ": " a href=(link) rel="noreferrer" { (link) }
            }
            @if let Some(command) = &suggestion.command { ": " code { (command) } }
            @if let Some(why) = &suggestion.why { "; " (why) }
        }
    }
}

fn why(asked: &Asked, reason: &Reason) -> Markup {
    let measured = reason.evidence.iter().any(|evidence| evidence.observed.is_some());
    html! {
        p { strong { (reason.rule.as_str()) } ": " (reason.words()) }
        div class="scrolls" role="region" aria-label={ "Evidence: " (reason.rule.as_str()) } tabindex="0" {
            table class="plain" {
                thead { tr { th scope="col" { "At" } @if measured { th scope="col" class="number" { "Measured" } } th scope="col" { "Who" } th scope="col" { "What" } th scope="col" { "Recorded in" } } }
                tbody {
                    @for evidence in &reason.evidence {
                        tr {
                            td { (words::moment(&evidence.at.to_string())) }
                            @if measured { td class="number" { @if let Some(observed) = evidence.observed { (observed) } } }
                            td { (evidence.by.as_deref().unwrap_or("–")) }
                            td { (evidence.reason.as_deref().unwrap_or("–")) }
                            td { a href=(asked.link(&address::deployment(&evidence.deployment_id), &[])) { (evidence.deployment_id) } }
                        }
                    }
                }
            }
        }
    }
}
