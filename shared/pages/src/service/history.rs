//! What ended in the time of the timeline, in words: each mark, and what became of what it brought.

use domain::live::log::{Effect, Entry};
use domain::live::timeline::Band;
use domain::{Commit, Timestamp, Version, label};
use maud::{Markup, html};

use super::{DONE, Lane, Service, apart, called, chart};
use crate::asked::Asked;
use crate::symbol;
use crate::{address, words};

pub(super) fn card(asked: &Asked, of: &Service<'_>, (since, _): (Timestamp, Timestamp)) -> Markup {
    let endings = of.lanes.iter().flat_map(|lane| lane.timeline.endings.iter().map(move |ending| (ending, lane)));
    let mut endings: Vec<(&Entry, &Lane)> = endings.collect();
    endings.sort_by(|a, b| b.0.cmp(a.0));
    html! {
        section class="card" {
            h2 { "History " span class="small" { (words::count(endings.len(), "ending")) " since " (words::day(since)) } }
            p { a href=(asked.link("/deployments", &[("service", of.name)])) { "All deployments" } }
            @if !endings.is_empty() {
                div class="scrolls long" role="region" aria-label="History" tabindex="0" {
                    table class="plain" {
                        caption class="hidden" { "What ended, newest first" }
                        thead { tr {
                            th scope="col" { "Ended" } th scope="col" { "Version" } th scope="col" { "Environment" } th scope="col" { "Outcome" }
                            th scope="col" { "Ran until" } th scope="col" class="number" { "Took" } th scope="col" { "By" }
                        } }
                        tbody { @for (ending, lane) in &endings { (row(asked, of, ending, lane)) } }
                    }
                }
                @if endings.len() > DONE { p class="small" { "By whom, and how long it took, is read of the " (DONE) " that ended last." } }
                (words::by_whom(asked))
            }
        }
    }
}

fn row(asked: &Asked, of: &Service<'_>, ending: &Entry, lane: &Lane) -> Markup {
    let named = label(ending.version.as_ref().map(Version::as_str), ending.commit.as_ref().map(Commit::as_str));
    let named = named.unwrap_or_else(|| "not named".to_owned());
    let done = of.done.get(ending.deployment_id.as_str());
    let at = ending.at.to_string();
    let took = done.and_then(|done| done.took.as_ref()).filter(|(ended, _)| *ended == at);
    let band = lane.timeline.begun_by(ending);
    html! {
        tr {
            td { (words::minute(ending.at)) }
            td {
                @if ending.is_retirement() { "–" }
                @else { a class="version" href=(asked.link(&address::deployment(ending.deployment_id.as_str()), &[])) { (named) } }
            }
            td { a href=(asked.link(&address::environment(&lane.environment), &[])) { (lane.environment) } (apart(lane)) }
            td {
                (chart::symbol(ending).with(&html! { (outcome(ending)) }))
                @if let Some(band) = band.filter(|band| band.came_back) { span class="small under" { (called(&band.live)) " came back" } }
            }
            td { (until(asked, band)) }
            td class="number" { @if let Some((_, seconds)) = took { (words::duration(*seconds)) } @else { "–" } }
            td { (done.and_then(|done| done.by.as_deref()).unwrap_or("–")) }
        }
    }
}

fn outcome(ending: &Entry) -> &'static str {
    match ending.effect {
        _ if ending.is_retirement() => "environment retired",
        Effect::Removed => "removed",
        Effect::TornDown => "torn down",
        effect => symbol::word(effect.status()),
    }
}

fn until(asked: &Asked, band: Option<&Band>) -> Markup {
    html! {
        @match band {
            None => "–",
            Some(Band { until: Some(until), undone, .. }) => { (words::minute(*until)) @if *undone { ", undone" } },
            Some(band) => { @if asked.is_past() { "ran then" } @else { "runs" } @if band.undone { ", undone" } },
        }
    }
}
