//! From what a format read to what is done: a user's rules have the last word on the environment, the
//! service, and whether it is a deployment at all.

use domain::source_rules::{SourceRules, Verdict};
use domain::{Event, FieldError};

use crate::formats::{Read, Reading, Report};

/// What is done with a payload.
#[derive(Debug)]
pub(crate) enum Decision {
    /// It is recorded.
    Record(Box<Event>),
    /// It is known, and nothing is recorded; with the reason.
    Ignore(String),
}

/// Decides what is done with a payload that was read so.
pub(crate) fn decide(read: Read, rules: &SourceRules) -> Result<Decision, Vec<FieldError>> {
    match read? {
        Reading::Report(report) => {
            let verdict = judge(&report, rules)?;
            Ok(apply(*report, verdict))
        }
        Reading::Ignore(reason) => Ok(Decision::Ignore(reason)),
    }
}

/// What the rules say of a report; nothing of our own events.
pub(crate) fn judge(report: &Report, rules: &SourceRules) -> Result<Verdict, Vec<FieldError>> {
    let verdict = report.origin.as_ref().map(|origin| rules.judge(origin)).transpose();
    verdict.map(Option::unwrap_or_default).map_err(|error| vec![error])
}

/// The report with what the rules say of it.
pub(crate) fn apply(report: Report, verdict: Verdict) -> Decision {
    let Report { mut event, origin, deploys } = report;
    match verdict.deployment {
        Some(said) if !said.value => return Decision::Ignore(format!("{} says that it is no deployment", said.rule)),
        None if !deploys => {
            let source = origin.map_or("", |origin| origin.source);
            return Decision::Ignore(format!("no rule says that this of {source} is a deployment"));
        }
        _ => {}
    }
    if let Some(said) = verdict.environment {
        event.named.environment = Some(said.value);
    }
    if let Some(said) = verdict.service {
        event.named.service = Some(said.value);
    }
    Decision::Record(Box::new(event))
}
