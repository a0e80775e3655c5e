//! A service: what of it runs where, what ran there before, and where each version is.

use std::collections::{BTreeMap, BTreeSet};

use api::LiveCell;
use domain::live::Live;
use domain::live::timeline::Timeline;
use domain::questions::compare::Relation;
use domain::{Commit, FieldError, Timestamp, Version, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::live::cell;
use crate::{Page, address, suspects, words};

mod chart;
mod history;
mod versions;

/// Over how many days a timeline can go; the second is the default.
pub const DAYS: [u32; 3] = [7, 30, 90];

/// Of how many deployments it is told who did them: those that ended last.
pub const DONE: usize = 200;

/// What the page of a service is made of.
#[derive(Debug)]
pub struct Service<'s> {
    /// Its name.
    pub name: &'s str,
    /// What runs in each environment, in the order of the path.
    pub cells: &'s [LiveCell],
    /// The environments that come and go.
    pub ephemeral: &'s BTreeSet<String>,
    /// The environment that matters most, where settings or names say so.
    pub main: Option<&'s str>,
    /// What ran in each place, in the order of the path.
    pub lanes: &'s [Lane],
    /// How many further environments have no timeline.
    pub without_lane: usize,
    /// Over how many days the timelines go.
    pub days: u32,
    /// Who did what, and how long it took, by deployment.
    pub done: &'s BTreeMap<String, Done>,
}

/// What ran in a part of a place.
#[derive(Debug)]
pub struct Lane {
    /// The environment.
    pub environment: String,
    /// The region, where it is about one.
    pub region: Option<String>,
    /// The name under which it was recorded, where that is another one.
    pub recorded_as: Option<String>,
    /// What ran.
    pub timeline: Timeline,
}

/// By whom a deployment was done, and how long it took.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// Who or what triggered it.
    pub by: Option<String>,
    /// When it ended, and how many seconds that took.
    pub took: Option<(String, f64)>,
}

/// The days that a timeline is asked for.
///
/// # Errors
/// What would be right.
pub fn days(asked: &Asked) -> Result<u32, FieldError> {
    let Some(text) = asked.parameter("days") else { return Ok(DAYS[1]) };
    let days = text.parse().ok().filter(|days| DAYS.contains(days));
    days.ok_or_else(|| {
        FieldError::new("days", format!("must be one of {}", DAYS.map(|days| days.to_string()).join(", ")))
    })
}

/// The page of a service.
#[must_use]
pub fn page(asked: &Asked, of: &Service<'_>) -> Page {
    let until = quarter(asked.at());
    let span = (until.plus_millis(-i64::from(of.days) * 86_400_000), until);
    let (folded, lasting): (Vec<&LiveCell>, Vec<&LiveCell>) =
        of.cells.iter().partition(|cell| of.ephemeral.contains(&cell.environment));
    Page {
        title: title(of, &lasting),
        rest: rest(asked, of, &lasting),
        json: asked.link(
            "/v1/live",
            &[("service", of.name), ("difference", "true"), ("active", "true"), ("verdict", "true"), ("limit", "100")],
        ),
        command: format!("deployment-status live --service={}{}", address::quoted(of.name), asked.flags()),
        content: html! {
            @if !lasting.is_empty() { (cells(asked, of, &lasting)) }
            @if !folded.is_empty() {
                details class="card folded" {
                    summary { (words::count(folded.len(), "environment")) " that come and go" }
                    (cells(asked, of, &folded))
                }
            }
            (chart::card(asked, of, span))
            div class="halves" {
                (versions::card(of, span))
                (history::card(asked, of, span))
            }
        },
    }
}

/// The end of the quarter of an hour that a time is in: a chart that ends there is drawn the same for a while, so that
/// a page on which nothing happened is known again.
fn quarter(at: Timestamp) -> Timestamp {
    const QUARTER: i64 = 900_000;
    Timestamp::from_millis((at.millis() / QUARTER + 1) * QUARTER)
}

/// `checkout: 2.7.0 in production, behind staging by 3`.
fn title(of: &Service<'_>, lasting: &[&LiveCell]) -> String {
    let main = lasting.iter().find(|cell| Some(cell.environment.as_str()) == of.main);
    let Some(cell) = main.or(lasting.iter().rfind(|cell| is_running(cell))) else {
        return if of.cells.iter().any(is_running) {
            format!("{}: only in environments that come and go", words::name(of.name))
        } else {
            format!("{}: runs nowhere", words::name(of.name))
        };
    };
    let what = if cell.mixed {
        "mixed regions".to_owned()
    } else {
        match runs(cell) {
            Some(runs) => words::name(&runs).into_owned(),
            None if is_running(cell) => "not named".to_owned(),
            None => "nothing".to_owned(),
        }
    };
    let stands = cell.difference.as_ref().map(|difference| {
        let by = difference.by.map(|by| format!(" by {by}{}", if difference.more { " or more" } else { "" }));
        let (before, by) = (words::name(&difference.environment), by.unwrap_or_default());
        match difference.relation {
            Relation::Same => format!(", the same as {before}"),
            Relation::Behind => format!(", behind {before}{by}"),
            Relation::Ahead => format!(", ahead of {before}{by}"),
            Relation::Unseen => format!(", never in {before}"),
            Relation::Missing | Relation::Extra | Relation::Mixed => String::new(),
        }
    });
    let (service, environment) = (words::name(of.name), words::name(&cell.environment));
    format!("{service}: {what} in {environment}{}", stands.unwrap_or_default())
}

fn rest(asked: &Asked, of: &Service<'_>, lasting: &[&LiveCell]) -> Markup {
    let running = lasting.iter().filter(|cell| is_running(cell)).count();
    let two: Vec<&str> = lasting.iter().rev().take(2).map(|cell| cell.environment.as_str()).collect();
    html! {
        "Runs in " (words::count(running, "environment")) "."
        @if let [to, from] = two.as_slice() {
            " " a href=(asked.link("/compare", &[("from", from), ("to", to), ("service", of.name)])) { "Compare " (from) " with " (to) }
        }
        " " (suspects::way(asked, of.name, None, asked.parameter("asOf"))) " it went wrong"
    }
}

/// Whether anything runs there.
fn is_running(cell: &LiveCell) -> bool {
    cell.since.is_some() || cell.mixed
}

fn runs(cell: &LiveCell) -> Option<String> {
    label(cell.version.as_deref(), cell.commit.as_deref())
}

/// A card for each environment.
fn cells(asked: &Asked, of: &Service<'_>, cells: &[&LiveCell]) -> Markup {
    html! {
        ul class="places" {
            @for cell in cells {
                li class="card" {
                    h2 { a href=(asked.link(&address::environment(&cell.environment), &[])) { (cell.environment) }
                        @if cell.service != of.name { " " span class="small" { "as " (cell.service) } }
                    }
                    p {
                        @if let Some(age) = cell.since.as_deref().and_then(|since| cell::age(since, asked.at())) { span class={ "edge " (age) } {} " " }
                        (version(asked, cell))
                    }
                    @if let Some(since) = &cell.since {
                        p class="small" { "for " (words::ago(since, asked.at())) ", since " (words::moment(since)) (by(of, cell)) }
                    }
                    (cell::beside(asked, cell))
                }
            }
        }
    }
}

fn version(asked: &Asked, cell: &LiveCell) -> Markup {
    let named = runs(cell);
    html! {
        @match (&named, &cell.deployment_id) {
            (named, Some(id)) => a class="version" href=(asked.link(&address::deployment(id), &[])) { (named.as_deref().unwrap_or("not named")) },
            (Some(version), None) => span class="version" { (version) },
            (None, None) if cell.mixed => span class="version" { "mixed" },
            (None, None) if is_running(cell) => span class="version" { "not named" },
            (None, None) => span class="nothing" { "nothing runs" },
        }
    }
}

fn by(of: &Service<'_>, cell: &LiveCell) -> Markup {
    let done = cell.deployment_id.as_ref().and_then(|id| of.done.get(id)?.by.as_ref());
    html! { @if let Some(by) = done { ", by " (by) } }
}

/// What a lane is called beside its environment.
fn apart(lane: &Lane) -> Markup {
    html! {
        @if let Some(region) = &lane.region { " " span class="small" { (region) } }
        @if let Some(name) = &lane.recorded_as { " " span class="small" { "as " (name) } }
    }
}

/// What a thing is called that ran.
pub(crate) fn called(live: &Live) -> String {
    let (version, commit) = (live.version.as_ref().map(Version::as_str), live.commit.as_ref().map(Commit::as_str));
    label(version, commit).unwrap_or_else(|| "not named".to_owned())
}

/// Since when all that is asked for is told of a lane.
fn untold(lane: &Lane, since: Timestamp) -> Option<Timestamp> {
    Some(lane.timeline.from).filter(|from| *from > since)
}
