//! The stages as a chart over time, with their durations beside it.

use api::{Deployment, Stage};
use domain::{Status, Timestamp};
use maud::{Markup, html};

use crate::symbol::{self, Symbol};
use crate::words;

/// How wide the chart is, in units of its own.
const WIDTH: f64 = 600.0;

/// The stages of the current attempt.
pub(super) fn card(of: &Deployment) -> Markup {
    let stages: Vec<&Stage> = of.stages.iter().filter(|stage| stage.attempt == of.attempt).collect();
    if stages.is_empty() {
        return html! {};
    }
    let times = |stage: &&Stage| [stage.started_at.clone(), stage.finished_at.clone()];
    let known = stages.iter().flat_map(times).flatten().filter_map(|time| Timestamp::parse(&time).ok());
    let (first, last) = (known.clone().min(), known.max());
    let updated = Timestamp::parse(&of.updated_at).ok();
    let end = if of.finished_at.is_none() { last.max(updated) } else { last };
    html! {
        section class="card" {
            h2 { "Stages " span class="small" { (stages.len()) } }
            table class="stages" {
                thead { tr { th scope="col" { "Stage" } th scope="col" { "Over time" } th scope="col" class="number" { "Took" } } }
                tbody {
                    @for stage in &stages {
                        tr {
                            th scope="row" { (stage.stage) @if stage.inferred { " " span class="small" { "inferred" } } }
                            td {
                                @if let (Some(first), Some(end)) = (first, end) { (bar(stage, first, end)) }
                                (Symbol::from(stage.status).with(&html! { (symbol::word(stage.status)) }))
                                @if let Some(error) = &stage.error { p class="small" { (error.in_words()) } }
                            }
                            td class="number" { @if let Some(took) = stage.duration_seconds { (words::duration(took)) } @else { "–" }
                                @if let Some(usual) = of.expected_stage(&stage.stage) { " " span class="small" { "usually " (words::duration(usual.seconds)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn bar(stage: &Stage, first: Timestamp, end: Timestamp) -> Markup {
    let Some(started) = stage.started_at.as_deref().and_then(|time| Timestamp::parse(time).ok()) else {
        return html! {};
    };
    let finished = stage.finished_at.as_deref().and_then(|time| Timestamp::parse(time).ok()).unwrap_or(end);
    let whole = end.seconds_since(first).max(0.001);
    let x = WIDTH * (started.seconds_since(first) / whole).clamp(0.0, 1.0);
    // What took next to nothing is seen too.
    let width = (WIDTH * (finished.seconds_since(started) / whole).clamp(0.0, 1.0)).clamp(3.0, WIDTH);
    let x = x.min(WIDTH - width);
    let tone = Symbol::from(stage.status).tone();
    html! {
        svg class="bar" viewBox={ "0 0 " (WIDTH) " 12" } preserveAspectRatio="none" aria-hidden="true" {
            rect class="track" x="0" y="0" width=(WIDTH) height="12" {}
            rect class={ "fill " (tone) } x=(format!("{x:.1}")) y="0" width=(format!("{width:.1}")) height="12" {}
            // Not by colour alone.
            @if stage.status == Status::Failed {
                @for n in 0..8_u8 {
                    @let at = x + width * f64::from(n) / 8.0;
                    line class="hatch" x1=(format!("{at:.1}")) y1="12" x2=(format!("{:.1}", at + 8.0)) y2="0" {}
                }
            }
        }
    }
}
