//! The timeline as a chart: a row for each environment, with what ran as bands, and each attempt as a mark. The table
//! of the history says the same.

use domain::live::log::{Effect, Entry};
use domain::live::timeline::Band;
use domain::{Status, Timestamp};
use maud::{Markup, html};

use super::{DAYS, Lane, Service, apart, called, untold};
use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{address, words};

/// How wide and high a row is, in units of its own.
const WIDTH: f64 = 1200.0;
const HEIGHT: f64 = 58.0;
/// Where bands begin and end, and where marks stand above them.
const BAND: [f64; 2] = [34.0, 52.0];
const MARKS: f64 = 20.0;
/// How wide a character of a label is, at most.
const CHARACTER: f64 = 8.0;
const DAY: i64 = 86_400_000;

/// A time, and where it stands.
#[derive(Clone, Copy)]
struct Scale {
    since: Timestamp,
    until: Timestamp,
}

impl Scale {
    fn x(self, at: Timestamp) -> f64 {
        let whole = self.until.seconds_since(self.since).max(0.001);
        WIDTH * (at.seconds_since(self.since) / whole).clamp(0.0, 1.0)
    }

    /// The days that begin within it, each with its day of the week, from 0 for Monday.
    fn days(self) -> impl Iterator<Item = (u32, Timestamp)> {
        let (_, first) = words::weekday(self.since);
        let days = (0..).map(move |n| first.plus_millis(n * DAY));
        days.take_while(move |day| *day <= self.until).map(words::weekday)
    }
}

/// The timeline.
pub(super) fn card(asked: &Asked, of: &Service<'_>, (since, until): (Timestamp, Timestamp)) -> Markup {
    let scale = Scale { since, until };
    let days = of.days.to_string();
    html! {
        section class="card" {
            div class="headed" {
                h2 { "Timeline " span class="small" { (words::day(since)) " to " (words::day(until)) ", UTC" } }
                (key())
                nav class="choices" aria-label="Days" {
                    @for choice in DAYS.map(|days| days.to_string()) {
                        a href=(asked.here(&[("days", Some(&choice))])) aria-current=[(choice == days).then_some("true")] { (choice) " days" }
                    }
                }
            }
            @if of.lanes.is_empty() { p { "Nothing ended in an environment that stays." } }
            @else {
                div class="scrolls" role="region" aria-label="Timeline" tabindex="0" {
                    table class="timeline" {
                        caption class="hidden" { "What ran in each environment over " (days) " days; the history below says each mark in words" }
                        thead { tr { th scope="col" { "Environment" } th scope="col" { span class="hidden" { "What ran" } (axis(of.days, scale)) } } }
                        tbody { @for lane in of.lanes { (row(asked, lane, scale)) } }
                    }
                }
            }
            @if of.without_lane > 0 { p class="small" { "No timeline is shown of " (words::count(of.without_lane, "further environment")) "." } }
            @for lane in of.lanes {
                @if let Some(from) = untold(lane, since) {
                    p class="small" {
                        (lane.environment) (apart(lane)) " has so many deployments that it is told "
                        @if from > until { "of none of these days." } @else { "from " (words::time(from)) " on." }
                    }
                }
            }
        }
    }
}

/// What marks and bands mean.
fn key() -> Markup {
    let symbols = [
        (Symbol::Completed, "completed"),
        (Symbol::Failed, "failed"),
        (Symbol::RolledBack, "rolled back: an arrow to what came back"),
        (Symbol::Cancelled, "cancelled"),
        (Symbol::Missing, "removed"),
    ];
    html! {
        ul class="key" {
            @for (symbol, words) in symbols { li { (symbol.with(&html! { (words) })) } }
            li { span class="swatch is-live" {} "runs" }
            li { span class="swatch is-undone" {} "undone" }
            li { span class="swatch is-weekend" {} "weekend" }
        }
    }
}

fn axis(days: u32, scale: Scale) -> Markup {
    let every = match days {
        7 => 1,
        30 => 7,
        _ => 14,
    };
    // Days in which the same weeks are named, however far it goes back.
    let weeks = |day: Timestamp| (day.millis() / DAY + 3) % every == 0;
    html! {
        svg class="lane" viewBox={ "0 0 " (WIDTH) " 22" } aria-hidden="true" {
            @for (_, day) in scale.days().filter(|(_, day)| *day >= scale.since && weeks(*day)) {
                @let x = scale.x(day);
                line class="week" x1=(n(x)) y1="0" x2=(n(x)) y2="22" {}
                // What would not fit before the end is left to the line.
                @if x < WIDTH - 190.0 { text class="axis" x=(n(x + 6.0)) y="15" { (words::date(day)) } }
            }
            text class="axis now" x=(n(WIDTH - 4.0)) y="15" text-anchor="end" { "to " (words::date(scale.until)) }
        }
    }
}

fn row(asked: &Asked, lane: &Lane, scale: Scale) -> Markup {
    let runs = lane.timeline.at(asked.at());
    let environment = asked.link(&address::environment(&lane.environment), &[]);
    html! {
        tr {
            th scope="row" {
                a href=(environment) { (lane.environment) } (apart(lane))
                span class="small under" {
                    @match runs {
                        Some(band) => { (called(&band.live)) @if let Some(since) = band.live.since { ", " (words::ago(&since.to_string(), asked.at())) } },
                        None if lane.timeline.from > asked.at() => "not told",
                        None => "nothing runs",
                    }
                }
            }
            td {
                svg class="lane" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } aria-hidden="true" {
                    (weekends(scale))
                    @if let Some(from) = untold(lane, scale.since) {
                        rect class="untold" x="0" y=(BAND[0]) width=(n(scale.x(from))) height=(BAND[1] - BAND[0]) {}
                    }
                    @for band in &lane.timeline.bands { (drawn(band, scale)) }
                    @for ending in &lane.timeline.endings { (mark(ending, scale)) }
                    @for band in lane.timeline.bands.iter().filter(|band| band.came_back) { (arrow(band, scale)) }
                    line class="now" x1=(WIDTH - 1.0) y1="0" x2=(WIDTH - 1.0) y2=(HEIGHT) {}
                }
            }
        }
    }
}

fn weekends(scale: Scale) -> Markup {
    html! {
        @for (nth, (weekday, day)) in scale.days().enumerate() {
            // It can begin with the second day of one.
            @if weekday == 5 || (weekday == 6 && nth == 0) {
                @let x = scale.x(day);
                @let end = day.plus_millis(i64::from(7 - weekday) * DAY);
                rect class="weekend" x=(n(x)) y="0" width=(n(scale.x(end) - x)) height=(HEIGHT) {}
            }
            @if weekday == 0 && day >= scale.since {
                line class="week" x1=(n(scale.x(day))) y1="0" x2=(n(scale.x(day))) y2=(HEIGHT) {}
            }
        }
    }
}

fn drawn(band: &Band, scale: Scale) -> Markup {
    let begin = scale.x(band.live.since.unwrap_or(scale.since));
    let end = scale.x(band.until.unwrap_or(scale.until));
    let class = match band.until {
        None if band.undone => "band live undone",
        None => "band live",
        Some(_) if band.undone => "band undone",
        Some(_) => "band",
    };
    let name = called(&band.live);
    let width = end - begin;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 150")]
    let room = ((width - 12.0) / CHARACTER).max(0.0) as usize;
    let shown = if name.chars().count() <= room {
        name
    } else if room > 3 {
        name.chars().take(room - 1).chain(['…']).collect()
    } else {
        String::new()
    };
    html! {
        rect class=(class) x=(n(begin)) y=(BAND[0]) width=(n(width.max(1.0))) height=(BAND[1] - BAND[0]) {}
        @if !shown.is_empty() { text class="band-name" x=(n(begin + 6.0)) y=(BAND[1] - 5.0) { (shown) } }
    }
}

/// The symbol of an ending.
pub(super) fn symbol(ending: &Entry) -> Symbol {
    match ending.effect {
        Effect::Removed | Effect::TornDown => Symbol::Missing,
        effect => Symbol::from(effect.status()),
    }
}

fn mark(ending: &Entry, scale: Scale) -> Markup {
    let x = scale.x(ending.at);
    let symbol = symbol(ending);
    let to = if ending.effect.status() == Status::Cancelled { BAND[0] } else { BAND[1] };
    html! {
        line class={ "mark " (symbol.tone()) } x1=(n(x)) y1=(MARKS + 8.0) x2=(n(x)) y2=(to) {}
        // At the edges it is seen as a whole; of two in one place the later one.
        circle class="behind" cx=(n(x.clamp(8.0, WIDTH - 8.0))) cy=(MARKS) r="8" {}
        (symbol.at(x.clamp(8.0, WIDTH - 8.0), MARKS))
    }
}

/// From a rollback to the landing that it brought back, or to the left edge where that was before.
fn arrow(band: &Band, scale: Scale) -> Markup {
    let at = scale.x(band.live.since.unwrap_or(scale.since)).clamp(8.0, WIDTH - 8.0);
    let back = band.restores.map(|restores| scale.x(restores).clamp(8.0, WIDTH - 8.0));
    let landing = MARKS - 9.0;
    let path = match back {
        Some(back) => format!("M{at:.1} {landing} V3 H{back:.1} V{:.1}", landing - 2.0),
        None => format!("M{at:.1} {landing} V3 H4"),
    };
    let head = match back {
        Some(back) => format!("M{:.1} {:.1} h8 L{back:.1} {:.1} z", back - 4.0, landing - 3.0, landing + 2.0),
        None => "M6 -1 V7 L0 3 z".to_owned(),
    };
    html! { path class="arrow" d=(path) {} path class="arrow-head" d=(head) {} }
}

/// A number of a drawing.
fn n(value: f64) -> String {
    format!("{value:.1}")
}
