//! From what a format read to what is done: a user's rules have the last word on the environment, the
//! service, the region, and whether it is a deployment at all.

use domain::identifiers::Identifier;
use domain::ledger::recording::Received;
use domain::{Event, FieldError, Timestamp};

use crate::contents::Element;
use crate::origin::{Called, Origin};
use crate::reading::{ByItself, Ignored, Reading, Report};
use crate::rejection::Rejection;
use crate::rules::{SourceRules, Stated, Verdict};
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
    let Report { event, origin, by_itself, said_at } = match reading {
        Ok(Reading::Report(report)) => *report,
        Ok(Reading::Ignore(reason)) => return unseen(Decision::Ignore(reason)),
        Err(rejection) => return unseen(Decision::Reject(rejection)),
    };
    let sent_at = sent_at.or(said_at);
    let Some(origin) = origin else {
        return unseen(match record(&event, sent_at, producer.as_deref(), arrival) {
            Decision::Record(received) => Decision::Record(Box::new(received.agreeing())),
            other => other,
        });
    };
    debug_assert!(is_in_table(&origin), "{origin:?} is in the table of sources, with its facts");
    match rules.judge(&origin) {
        Ok(verdict) => {
            let decision = match (&verdict.deployment, by_itself) {
                (Some(stated), _) if !stated.value => Decision::Ignore(Ignored::ByRule(stated.rule.clone())),
                (None, ByItself::IsNoDeployment) => Decision::Ignore(Ignored::ByNoRule(origin.source)),
                (_, ByItself::RemovesNothing) if verdict.removes.is_none() => Decision::Ignore(Ignored::Inactive),
                _ => match named(event, &origin, &verdict) {
                    Ok(event) => record(&event, sent_at, producer.as_deref(), arrival),
                    Err(wrong) => Decision::Reject(Rejection::Fields(wrong)),
                },
            };
            Judgement { origin: Some(origin), verdict, decision }
        }
        Err(wrong) => {
            let decision = Decision::Reject(Rejection::Fields(vec![wrong]));
            Judgement { origin: Some(origin), verdict: Verdict::default(), decision }
        }
    }
}

/// The event with its service, environment and region: what the rules say, else what the payload calls them.
fn named(mut event: Event, origin: &Origin, verdict: &Verdict) -> Result<Event, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let names = &mut event.named;
    name(&mut names.environment, verdict.environment.as_ref(), origin.environment.as_ref(), &mut wrong);
    name(&mut names.service, verdict.service.as_ref(), origin.service.as_ref(), &mut wrong);
    if let Some(stated) = &verdict.region {
        names.region.clone_from(&stated.value);
    }
    if wrong.is_empty() { Ok(event.readdressed()) } else { Err(wrong) }
}

fn name<T: Identifier + Clone>(
    slot: &mut Option<T>,
    stated: Option<&Stated<T>>,
    called: Option<&Called>,
    wrong: &mut Vec<FieldError>,
) {
    match (stated, called.map(Called::name)) {
        (Some(stated), _) => *slot = Some(stated.value.clone()),
        (None, Some(Ok(name))) => *slot = Some(name),
        (None, Some(Err(error))) => wrong.push(error),
        (None, None) => {}
    }
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
