//! From what a format read to what is done: a user's rules have the last word on the environment, the
//! service, and whether it is a deployment at all.

use domain::ledger::recording::Received;
use domain::{Event, Timestamp};

use crate::contents::Element;
use crate::origin::Origin;
use crate::reading::{Ignored, Reading, Report};
use crate::rejection::Rejection;
use crate::rules::{SourceRules, Verdict};
use crate::sources::SOURCES;

/// How a payload arrived: what counts where it says nothing of that itself.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// When it arrived.
    pub at: Timestamp,
    /// Who sent it, as it was authenticated.
    pub producer: &'a str,
}

impl Arrival<'static> {
    /// The arrival, at this time, of a payload that itself says who sent it; or of one that is not recorded.
    #[must_use]
    pub fn signed(at: Timestamp) -> Self {
        Self { at, producer: "" }
    }
}

/// What becomes of one event of a payload, and why.
#[derive(Debug)]
pub struct Judgement {
    /// What rules see of it; absent for our own events, which no rule touches, and for what says nothing
    /// about a deployment.
    pub origin: Option<Origin>,
    /// What the rules say of it.
    pub verdict: Verdict,
    /// What is done with it.
    pub decision: Decision,
}

/// What is done with an event.
#[derive(Debug)]
pub enum Decision {
    /// It is recorded.
    Record(Box<Received>),
    /// It is known, and nothing is recorded.
    Ignore(Ignored),
    /// It is wrong.
    Reject(Rejection),
}

/// Decides what is done with an event of a payload that arrived so.
#[must_use]
pub fn judge(element: Element, rules: &SourceRules, arrival: Arrival<'_>) -> Judgement {
    let Element { reading, sent_at, producer } = element;
    let unseen = |decision| Judgement { origin: None, verdict: Verdict::default(), decision };
    let Report { event, origin, only_by_rule } = match reading {
        Ok(Reading::Report(report)) => *report,
        Ok(Reading::Ignore(reason)) => return unseen(Decision::Ignore(reason)),
        Err(rejection) => return unseen(Decision::Reject(rejection)),
    };
    let Some(origin) = origin else {
        return unseen(match record(&event, sent_at, producer.as_deref(), arrival) {
            Decision::Record(received) => Decision::Record(Box::new(received.agreeing())),
            other => other,
        });
    };
    debug_assert!(is_in_table(&origin), "{origin:?} is in the table of sources, with its facts");
    match rules.judge(&origin) {
        Ok(verdict) => {
            let decision = match &verdict.deployment {
                Some(stated) if !stated.value => Decision::Ignore(Ignored::ByRule(stated.rule.clone())),
                None if only_by_rule => Decision::Ignore(Ignored::ByNoRule(origin.source)),
                _ => record(&mapped(event, &verdict), sent_at, producer.as_deref(), arrival),
            };
            Judgement { origin: Some(origin), verdict, decision }
        }
        Err(wrong) => {
            let decision = Decision::Reject(Rejection::Fields(vec![wrong]));
            Judgement { origin: Some(origin), verdict: Verdict::default(), decision }
        }
    }
}

/// The event with what the rules say of it.
fn mapped(mut event: Event, verdict: &Verdict) -> Event {
    if let Some(stated) = &verdict.environment {
        event.named.environment = Some(stated.value.clone());
    }
    if let Some(stated) = &verdict.service {
        event.named.service = Some(stated.value.clone());
    }
    event
}

fn record(event: &Event, sent_at: Option<Timestamp>, producer: Option<&str>, arrival: Arrival<'_>) -> Decision {
    match Received::new(event, sent_at.unwrap_or(arrival.at), producer.unwrap_or(arrival.producer)) {
        Ok(received) => Decision::Record(Box::new(received)),
        Err(errors) => Decision::Reject(Rejection::Fields(errors)),
    }
}

/// Whether rules can look at all that a payload has.
fn is_in_table(origin: &Origin) -> bool {
    let source = SOURCES.iter().find(|source| source.name == origin.source);
    source.is_some_and(|source| origin.facts().all(|(name, _)| source.facts.contains(&name)))
}
