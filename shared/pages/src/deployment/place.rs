//! The place of a deployment: what it replaced there, what replaced it, and the changes that it brought.

use api::{ComparedChange, Deployment, LiveCell};
use domain::live::timeline::{Band, Timeline};
use domain::{Status, Timestamp, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::service::called;
use crate::{address, compare, words};

/// What is known of a deployment's place.
#[derive(Debug, Default)]
pub struct Place {
    /// What runs there.
    pub cells: Vec<LiveCell>,
    /// What ran there around its end, in each region that it is about, or in all of it.
    pub parts: Vec<Part>,
    /// The changes that it brought, as far as the environment before says them.
    pub brought: Option<Brought>,
}

/// What ran in a part of the place.
#[derive(Debug)]
pub struct Part {
    /// The region, where it is about one.
    pub region: Option<String>,
    /// What ran.
    pub timeline: Timeline,
    /// Around when.
    pub around: Timestamp,
    /// Whether all was read that landed later.
    pub is_whole: bool,
}

/// What landed in the environment before since what it replaced did, up to what it brought.
#[derive(Debug)]
pub struct Brought {
    /// The environment before.
    pub before: String,
    /// The changes, the newest first.
    pub changes: Vec<ComparedChange>,
    /// Whether there are more, further back than was read.
    pub more: bool,
}

pub(super) fn card(asked: &Asked, of: &Deployment, place: &Place) -> Markup {
    html! {
        section class="card" {
            h2 { "Place" }
            dl class="place" {
                div {
                    dt { @if asked.is_past() { "Ran then" } @else { "Runs now" } }
                    dd {
                        @if place.cells.is_empty() { "nothing" }
                        @for cell in &place.cells { (running(asked, cell)) }
                    }
                }
                @for part in &place.parts { (beside(asked, of, part)) }
            }
        }
    }
}

fn running(asked: &Asked, cell: &LiveCell) -> Markup {
    let named = label(cell.version.as_deref(), cell.commit.as_deref());
    html! {
        @if cell.mixed {
            "mixed" @for region in &cell.regions { ", " (region.region) " " (label(region.version.as_deref(), region.commit.as_deref()).unwrap_or_else(|| "nothing".to_owned())) }
        } @else if let Some(since) = &cell.since {
            @match &cell.deployment_id {
                Some(id) => a href=(asked.link(&address::deployment(id), &[])) { (named.as_deref().unwrap_or("not named")) },
                None => (named.as_deref().unwrap_or("not named")),
            }
            ", for " (words::ago(since, asked.at()))
        } @else { "nothing" }
    }
}

fn beside(asked: &Asked, of: &Deployment, part: &Part) -> Markup {
    let Part { region, timeline, around, is_whole } = part;
    let bands = &timeline.bands;
    let own =
        bands.iter().position(|band| band.landing.deployment_id.as_str() == of.deployment_id && brought_by(band, of));
    let own_band = own.and_then(|at| bands.get(at));
    let begins = own_band.and_then(|band| band.live.since);
    let before =
        own.and_then(|at| bands.get(at.checked_sub(1)?)).filter(|band| band.until.is_some() && band.until == begins);
    let after =
        own.and_then(|at| bands.get(at + 1)).filter(|band| Some(band.live.since) == own_band.map(|own| own.until));
    let within = region.as_ref().map(|region| format!(" in {region}")).unwrap_or_default();
    // Where the log was not read so far back, it is not said that nothing ran.
    let is_told = |time: Timestamp| timeline.from <= time;
    html! {
        @if let Some(band) = own_band {
            div { dt { "Replaced" (within) } dd {
                @match before {
                    Some(band) => (thing(asked, band)),
                    None if is_told(*around) => "nothing: nothing ran before it",
                    None => "not known",
                }
            } }
            div { dt { "Replaced by" (within) } dd {
                @match (after, band.until) {
                    (Some(after), _) => (thing(asked, after)),
                    (None, Some(until)) => { "nothing: taken away " (words::time(until)) },
                    (None, None) if !is_whole => "not known: very much landed since",
                    (None, None) => { @if asked.is_past() { "nothing by then" } @else { "nothing since" } },
                }
            } }
        } @else if !matches!(of.status, Status::Pending | Status::InProgress | Status::Validating) {
            div { dt { "Ran on" (within) } dd {
                @match timeline.at(*around) {
                    Some(band) => (thing(asked, band)),
                    None if is_told(*around) => "nothing",
                    None => "not known",
                }
            } }
        }
    }
}

/// Whether what ran came with a deployment: what it was rolled back to did not.
fn brought_by(band: &Band, of: &Deployment) -> bool {
    band.live.deployment_id.as_ref().is_some_and(|id| id.as_str() == of.deployment_id)
}

fn thing(asked: &Asked, band: &Band) -> Markup {
    html! {
        @match &band.live.deployment_id {
            Some(id) => a href=(asked.link(&address::deployment(id.as_str()), &[])) { (called(&band.live)) },
            None => (called(&band.live)),
        }
        @if band.came_back { ", which came back" }
        @if let Some(since) = band.live.since { span class="small under" { (words::time(since)) @if let Some(until) = band.until { " to " (words::time(until)) } } }
    }
}

/// What it brought.
pub(super) fn changes(asked: &Asked, of: &Deployment, place: &Place) -> Markup {
    let replaced = place.parts.first().filter(|_| place.parts.len() == 1).and_then(|part| {
        let own = part.timeline.bands.iter().position(|band| brought_by(band, of))?;
        part.timeline.bands.get(own.checked_sub(1)?)
    });
    let commits = replaced.and_then(|band| Some((band.live.commit.as_ref()?.as_str(), of.commit.as_deref()?)));
    let short = |commit: &str| commit.chars().take(12).collect::<String>();
    html! {
        @if place.brought.is_some() || commits.is_some() {
            section class="card" {
                h2 { "Changes" @if let Some(band) = replaced { " since " (called(&band.live)) } }
                @if let Some((from, to)) = commits {
                    p { @if from == to { "The same commit, " code { (short(from)) } "." } @else { "From commit " code { (short(from)) } " to " code { (short(to)) } "." } }
                }
                @if let Some(brought) = &place.brought {
                    p class="small" { "What landed in " a href=(asked.link(&address::environment(&brought.before), &[])) { (brought.before) } " meanwhile, newest first:" }
                    div class="inside" { (compare::changes(asked, &brought.changes)) }
                    @if brought.more { p class="small" { "There are more, further back than was read." } }
                }
            }
        }
    }
}
