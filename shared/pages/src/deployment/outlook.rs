//! What is expected of a deployment, how it goes beside that, and what landed before it.

use api::{Deployment, Expected, ExpectedOf, Pace, PaceState};
use domain::{Status, label};
use maud::{Markup, html};

use super::fact;
use crate::asked::Asked;
use crate::{address, way, words};

pub(super) fn facts(of: &Deployment, asked: &Asked) -> Markup {
    let previous = of.outlook.as_ref().and_then(|outlook| outlook.previous.as_ref());
    html! {
        @if let Some(expected) = of.expected() {
            (fact("Usually takes", html! { (words::duration(expected.seconds)) (progress(of, expected, asked)) }, by(expected)))
        }
        @if let Some(pace) = of.pace() { (late(of, pace, asked)) }
        @if let Some(before) = previous {
            @let name = label(before.version.as_deref(), before.commit.as_deref()).unwrap_or_else(|| before.deployment_id.clone());
            (fact("Before it",
                html! { a href=(asked.link(&address::deployment(&before.deployment_id), &[])) { (name) } },
                html! { "landed " (words::moment(&before.landed_at)) }))
        }
    }
}

/// Of what it is known.
fn by(expected: &Expected) -> Markup {
    let of = match expected.of {
        ExpectedOf::Place => "of this service here",
        ExpectedOf::Environment => "of the whole environment",
    };
    html! { "95 % within " (words::duration(expected.p95)) ", by the last " (expected.from) " " (of) }
}

/// How far it is, where it is under way now.
fn progress(of: &Deployment, expected: &Expected, asked: &Asked) -> Markup {
    let since = of.started_at.as_deref().filter(|_| of.attempt == 1 && of.finished_at.is_none());
    let Some(since) = since.filter(|_| of.status != Status::Pending && !asked.is_past()) else { return html! {} };
    let stalled = of.pace().is_some_and(|pace| pace.state == PaceState::Stalled);
    way::bar(asked.now, since, expected.seconds, stalled, "time passed beside the usual duration")
}

/// That it takes too long, and by what.
fn late(of: &Deployment, pace: &Pace, asked: &Asked) -> Markup {
    let word = match pace.state {
        PaceState::OnTime => return html! {},
        PaceState::Slow => "slow",
        PaceState::Stalled => "stalled",
    };
    let more = html! {
        @if let Some(limit) = pace.slow_after_seconds { "takes more than " (words::duration(limit)) ", " }
        @match pace.state {
            PaceState::Stalled => { "nothing reported for " (words::ago(&of.updated_at, asked.at())) }
            _ => { "and still reports" }
        }
        @if let Some(stage) = &pace.stage {
            "; in " (stage)
            @if let Some(usual) = of.expected_stage(stage) { ", which usually takes " (words::duration(usual.seconds)) }
        }
    };
    fact("Pace", html! { strong { (word) } }, more)
}
