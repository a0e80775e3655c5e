//! Which versions ran, and where each is or was.

use std::collections::BTreeMap;

use domain::Timestamp;
use domain::live::timeline::Band;
use maud::{Markup, html};

use super::{Lane, Service, called};
use crate::symbol::Symbol;
use crate::words;

/// How many versions are shown.
const MOST: usize = 10;

/// What ran of a version, each with where.
type Ran<'s> = Vec<(&'s Lane, &'s Band)>;

pub(super) fn card(of: &Service<'_>, (since, _): (Timestamp, Timestamp)) -> Markup {
    let mut versions: BTreeMap<String, Ran<'_>> = BTreeMap::new();
    let mut environments: Vec<&str> = Vec::new();
    for lane in of.lanes {
        if environments.last() != Some(&lane.environment.as_str()) {
            environments.push(&lane.environment);
        }
        for band in &lane.timeline.bands {
            versions.entry(called(&band.live)).or_default().push((lane, band));
        }
    }
    let newest = |ran: &Ran<'_>| ran.iter().filter_map(|(_, band)| band.live.since).max();
    let mut versions: Vec<(String, Ran<'_>)> = versions.into_iter().collect();
    versions.sort_by(|a, b| newest(&b.1).cmp(&newest(&a.1)).then_with(|| b.0.cmp(&a.0)));
    let all = versions.len();
    html! {
        section class="card" {
            h2 { "Versions, and where each is " span class="small" { (all.min(MOST)) " of " (all) " that ran since " (words::day(since)) } }
            @if !versions.is_empty() {
                div class="scrolls" role="region" aria-label="Versions" tabindex="0" {
                    table class="plain" {
                        caption class="hidden" { "When each version ran in each environment" }
                        thead { tr { th scope="col" { "Version" } @for environment in &environments { th scope="col" { (environment) } } } }
                        tbody { @for (version, ran) in versions.iter().take(MOST) { tr {
                            th scope="row" { (version) @if let Some(commit) = commit(version, ran) { br; code { (commit) } } }
                            @for environment in &environments { td { (spans(ran, environment)) } }
                        } } }
                    }
                }
            }
        }
    }
}

/// The beginning of its commit, where there is one and the name does not say it.
fn commit(version: &str, ran: &Ran<'_>) -> Option<String> {
    let commit = ran.iter().find_map(|(_, band)| band.live.commit.as_ref())?;
    let short: String = commit.as_str().chars().take(7).collect();
    (!version.contains(&short)).then_some(short)
}

fn spans(ran: &Ran<'_>, environment: &str) -> Markup {
    let here: Vec<_> = ran.iter().filter(|(lane, _)| lane.environment == environment).collect();
    html! {
        @if here.is_empty() { span class="nothing" { "–" } span class="hidden" { "did not run" } }
        @for (lane, band) in here.iter().rev() {
            span class="under" {
                @if let Some(region) = &lane.region { (region) ": " }
                @match (band.live.since, band.until) {
                    (Some(since), None) => { (Symbol::Completed.with(&html! { "live" })) " since " (words::day(since)) },
                    (Some(since), Some(until)) => { (words::day(since)) " to " (words::day(until)) },
                    (None, _) => {},
                }
                @if band.undone { ", undone" }
            }
        }
    }
}
