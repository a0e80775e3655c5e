//! Drift: where what runs is not what it should be, the worst first.

use api::Drift;
use domain::questions::drift::{Evidence, Finding, Kind, Severity};
use domain::{Environment, Service, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::fields::{self, Field};
use crate::symbol::Symbol;
use crate::{Page, address, words};

/// A page of what was found.
#[must_use]
pub fn page(asked: &Asked, drift: &Drift) -> Page {
    let (items, next) = (&drift.items, drift.next_cursor.as_deref());
    let is_whole = next.is_none() && asked.parameter("cursor").is_none();
    let of = |severity: Severity| items.iter().filter(|finding| finding.severity == severity).count();
    let all = Severity::ALL.map(|severity| format!("{} {}", of(severity), severity.as_str())).join(", ");
    Page {
        title: match (items.len(), is_whole) {
            (0, true) => format!("Nothing has drifted{}", about(asked)),
            (count, true) => format!("{}{}, the worst first", words::count(count, "finding"), about(asked)),
            (count, false) => format!("{count} of more findings{}, the worst first", about(asked)),
        },
        rest: html! {
            "Where what runs is not what it should be"
            @if !items.is_empty() { ". By severity " @if !is_whole { "on this page " } "there are " (all) }
            ". " (by_settings(drift.settings))
        },
        json: address::with_query("/v1/drift", &fields::of_api(asked, &[("limit", "100")])),
        command: format!(
            "deployment-status drift{}",
            fields::flags(
                asked,
                &[
                    ("environment", "environment"),
                    ("service", "service"),
                    ("kind", "kind"),
                    ("severity", "severity"),
                    ("asOf", "as-of"),
                ]
            )
        ),
        content: html! {
            (form(asked))
            @for finding in items { (card(asked, finding)) }
            (fields::next(asked, next, "Less bad ones"))
        },
    }
}

fn about(asked: &Asked) -> String {
    let of = |name: &str, before: &str| asked.parameter(name).map(|value| format!("{before}{value}"));
    let place = [of("service", " of "), of("environment", " in ")].into_iter().flatten();
    place.collect::<String>()
}

fn by_settings(number: u64) -> Markup {
    html! {
        @if number == 0 { "Found without settings, by usual names." }
        @else { "Found by version " (number) " of the settings." }
    }
}

fn form(asked: &Asked) -> Markup {
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), word(kind)));
    let severities = Severity::ALL.map(|severity| (severity.as_str(), severity.as_str()));
    fields::form(
        asked,
        "/drift",
        &[
            Field::Choice("severity", "Severity", &severities),
            Field::Choice("kind", "Kind", &kinds),
            Field::Text("environment", "Environment"),
            Field::Text("service", "Service"),
        ],
    )
}

fn card(asked: &Asked, finding: &Finding) -> Markup {
    let environment = finding.environment.as_ref().map(Environment::as_str);
    let service = finding.service.as_ref().map(Service::as_str);
    html! {
        section class="card finding" {
            h2 { (finding.what) @if let Some(environment) = environment { " " span class="small" { "in " (environment) } } }
            p class="told" {
                (said(finding))
                @if let Some(since) = finding.since { span class="small" { "for " (words::ago(&since.to_string(), asked.at())) } }
                @else { span class="small" { "since when is not known" } }
                @if let Some(place) = place(environment, service) {
                    a class="small" href=(asked.link("/deployments", &parameters(environment, service))) { "Deployments " (place) }
                }
                @if let Some(release) = &finding.release {
                    @let named = environment.map(|name| ("environment", name));
                    a class="small" href=(asked.link(&address::release(release.as_str()), &named.into_iter().collect::<Vec<_>>())) { "Release " (release) }
                }
            }
            p { (sentence(&finding.suggestion)) }
            @if !finding.evidence.is_empty() { (evidence(asked, finding)) }
        }
    }
}

/// The kind and the severity of a finding, with a symbol where there is one.
pub(crate) fn said(finding: &Finding) -> Markup {
    let words = html! { (word(finding.kind)) ", " (finding.severity.as_str()) };
    let tone = tone(finding.severity);
    html! {
        span class={ "said " (tone) } {
            @if let Some(symbol) = symbol(finding.kind) { (symbol.toned(tone)) }
            span { (words) }
        }
    }
}

/// The symbol of a kind, where there is one.
pub(crate) fn symbol(kind: Kind) -> Option<Symbol> {
    match kind {
        Kind::Unseen => Some(Symbol::Unseen),
        Kind::Mixed => Some(Symbol::Mixed),
        Kind::Incomplete => Some(Symbol::Missing),
        Kind::Lagging => Some(Symbol::Behind),
        Kind::ByHand | Kind::Orphaned | Kind::Stale | Kind::BuildGap | Kind::Silent | Kind::Lookalike => None,
    }
}

/// How a severity is coloured beside its word.
pub(crate) fn tone(severity: Severity) -> &'static str {
    match severity {
        Severity::High | Severity::Medium => "warn",
        Severity::Low => "plain",
    }
}

/// A kind in words.
pub(crate) fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Unseen => "unseen",
        Kind::Mixed => "mixed",
        Kind::Incomplete => "incomplete",
        Kind::Lagging => "lagging",
        Kind::ByHand => "by hand",
        Kind::Orphaned => "orphaned",
        Kind::Stale => "stale",
        Kind::BuildGap => "build gap",
        Kind::Silent => "silent",
        Kind::Lookalike => "lookalike",
    }
}

fn place(environment: Option<&str>, service: Option<&str>) -> Option<String> {
    match (service, environment) {
        (Some(service), Some(environment)) => Some(format!("of {service} to {environment}")),
        (Some(service), None) => Some(format!("of {service}")),
        (None, Some(environment)) => Some(format!("to {environment}")),
        (None, None) => None,
    }
}

fn parameters<'a>(environment: Option<&'a str>, service: Option<&'a str>) -> Vec<(&'a str, &'a str)> {
    let named = [("service", service), ("environment", environment)].into_iter();
    named.filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A text as a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect::<String>() + ".")
}

fn evidence(asked: &Asked, finding: &Finding) -> Markup {
    html! {
        details {
            summary { "What it follows from: " (words::count(finding.evidence.len(), "piece")) }
            div class="scrolls" role="region" aria-label={ "What it follows from: " (finding.what) } tabindex="0" {
                table class="plain" {
                    thead { tr {
                        th scope="col" { "Environment" } th scope="col" { "Service" } th scope="col" { "Version" }
                        th scope="col" { "Landed" } th scope="col" { "Deployment" }
                    } }
                    tbody { @for piece in &finding.evidence { (row(asked, piece)) } }
                }
            }
        }
    }
}

fn row(asked: &Asked, piece: &Evidence) -> Markup {
    let version =
        label(piece.version.as_ref().map(domain::Version::as_str), piece.commit.as_ref().map(domain::Commit::as_str));
    html! {
        tr {
            td {
                (piece.environment.as_ref().map_or("–", Environment::as_str))
                @if let Some(region) = &piece.region { " (" (region) ")" }
            }
            td { (piece.service.as_ref().map_or("–", Service::as_str)) }
            td { (version.unwrap_or_else(|| "not named".to_owned())) }
            td { @if let Some(at) = piece.at { (words::moment(&at.to_string())) } @else { "–" } }
            td { @if let Some(id) = &piece.deployment_id { a href=(asked.link(&address::deployment(id.as_str()), &[])) { (id) } } @else { "–" } }
        }
    }
}
