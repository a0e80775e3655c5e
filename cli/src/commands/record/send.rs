//! Sends events in order: a single one by itself, several in arrays. After an error, the results so far are
//! printed; sending all events again is safe.

use std::ops::Range;
use std::thread::sleep;
use std::time::Duration;

use api::{ElementReceipt, Problem, Receipt};
use domain::json;
use serde_json::value::RawValue;

use super::events::Events;
use super::own_id::own_id;
use super::report::Report;
use crate::api::Api;
use crate::failure::{Exit, Failure};
use crate::output::{Printer, Progress, grouped, shown};

const ROUTE: &str = "/v1/events";
/// How many events the API accepts in one request.
const BATCH: usize = 100;
/// How many bytes are sent in one request, unless a single event has more: well below the limits of gateways.
const BATCH_BYTES: usize = 1_000_000;
/// How often an event is sent when the server is too busy for it.
const TRIES: u32 = 4;

/// The result of an event: its JSON as it came, and parsed.
type EventResult = (String, ElementReceipt);
/// Why a request failed, and how many events may or may not have been recorded.
type BrokenOff = (Failure, usize);

/// Sends events, and prints the result of each.
///
/// # Errors
/// When an event is rejected, or the API does not answer.
pub(super) fn send(api: Api, events: &Events, printer: &Printer) -> Result<(), Failure> {
    let mut report = Report::on(events, printer);
    let mut progress = Progress::new();
    let api = api.notifying(progress.notices());
    for batch in batches(events) {
        if events.elements.len() > BATCH {
            progress.draw(&format!("{} of {} events…", grouped(batch.range.start), grouped(events.elements.len())));
        }
        let elements: Vec<(usize, &str)> = batch.range.map(|index| (index, events.elements[index].as_str())).collect();
        let sent = match elements.as_slice() {
            [(index, event)] if batch.alone => post_one(&api, *index, event, &mut report, &mut progress),
            elements => post_all(&api, elements, &mut report, &mut progress),
        };
        if let Err((failure, unknown)) = sent {
            progress.erase();
            return Err(report.broken_off(failure, unknown));
        }
    }
    progress.erase();
    report.end()
}

/// Events that are sent in one request.
#[derive(Debug, PartialEq)]
struct Batch {
    range: Range<usize>,
    /// Whether it is a single event, not an array.
    alone: bool,
}

/// Groups events into requests. An event that can't be parsed is sent by itself: the server would reject a
/// whole array that contains it.
fn batches(events: &Events) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut bytes = 0;
    for (index, event) in events.elements.iter().enumerate() {
        let alone = events.alone || json::parse(event.as_bytes()).is_err();
        bytes += event.len();
        match batches.last_mut() {
            Some(last) if !alone && !last.alone && last.range.len() < BATCH && bytes <= BATCH_BYTES => {
                last.range.end = index + 1;
            }
            _ => {
                bytes = event.len();
                batches.push(Batch { range: index..index + 1, alone });
            }
        }
    }
    batches
}

fn post_one(
    api: &Api,
    index: usize,
    event: &str,
    report: &mut Report<'_>,
    progress: &mut Progress,
) -> Result<(), BrokenOff> {
    let answer = api.post::<Receipt>(ROUTE, event).map_err(|failure| (failure, 1))?;
    progress.erase();
    match answer {
        Ok(answer) => {
            let receipt = ElementReceipt::Accepted(answer.value);
            expect_own(event, &receipt).map_err(|failure| (failure, 1))?;
            report.answered(&answer.body);
            report.add(index, &answer.body, &receipt);
        }
        Err(problem) => {
            let raw = as_json(&problem);
            report.answered_problem(&raw);
            report.add(index, &raw, &ElementReceipt::Refused(problem));
        }
    }
    Ok(())
}

/// Posts events as an array. Events for which the server is too busy are sent again.
fn post_all(
    api: &Api,
    elements: &[(usize, &str)],
    report: &mut Report<'_>,
    progress: &mut Progress,
) -> Result<(), BrokenOff> {
    let mut results: Vec<Option<EventResult>> = vec![None; elements.len()];
    let mut waiting: Vec<usize> = (0..elements.len()).collect();
    let mut sent = Ok(());
    for tries in 1..=TRIES {
        let events: Vec<&str> = waiting.iter().map(|at| elements[*at].1).collect();
        let answered = match post_array(api, &events, report, progress) {
            Ok(answered) => answered.into_iter().map(Some).collect(),
            Err(failure) => {
                sent = Err((failure, waiting.len()));
                vec![None; waiting.len()]
            }
        };
        for (at, result) in waiting.iter().zip(answered) {
            results[*at] = result;
        }
        waiting.retain(|at| results[*at].as_ref().is_some_and(|(_, receipt)| busy_with(receipt).is_some()));
        if waiting.is_empty() || tries == TRIES {
            break;
        }
        let detail = waiting.iter().find_map(|at| busy_with(&results[*at].as_ref()?.1)).unwrap_or_default();
        let pause = Duration::from_millis(fastrand::u64(100..=400 << tries));
        progress.notices()(&format!(
            "the server is too busy for {} of the events ({}); sending them again in {:.1} s",
            grouped(waiting.len()),
            shown(detail),
            pause.as_secs_f64()
        ));
        sleep(pause);
    }
    for ((index, _), result) in elements.iter().zip(&results) {
        if let Some((raw, receipt)) = result {
            report.add(*index, raw, receipt);
        }
    }
    sent
}

/// Posts an array, and returns the result of each element.
fn post_array(
    api: &Api,
    events: &[&str],
    report: &mut Report<'_>,
    progress: &mut Progress,
) -> Result<Vec<EventResult>, Failure> {
    let answer = api.post::<Vec<Box<RawValue>>>(ROUTE, &format!("[{}]", events.join(",")))?;
    progress.erase();
    let answer = match answer {
        Ok(answer) => answer,
        // The server rejects the whole array.
        Err(problem) => {
            let raw = as_json(&problem);
            report.answered_problem(&raw);
            return Ok(vec![(raw, ElementReceipt::Refused(problem)); events.len()]);
        }
    };
    let parse = |raw: &RawValue| serde_json::from_str(raw.get()).map(|receipt| (raw.get().to_owned(), receipt));
    let results: Result<Vec<EventResult>, _> = answer.value.iter().map(|raw| parse(raw)).collect();
    match results {
        Ok(results) if results.len() == events.len() => {
            events.iter().zip(&results).try_for_each(|(event, (_, receipt))| expect_own(event, receipt))?;
            report.answered(&answer.body);
            Ok(results)
        }
        Ok(results) => Err(unexpected(&format!("{} results for {} events", results.len(), events.len()))),
        Err(error) => Err(unexpected(&error.to_string())),
    }
}

/// Checks that a receipt is for the deployment that the event itself names.
///
/// # Errors
/// When it is for another deployment: then it does not say that this event was recorded.
fn expect_own(event: &str, receipt: &ElementReceipt) -> Result<(), Failure> {
    let ElementReceipt::Accepted(Receipt { deployment_id: Some(of), .. }) = receipt else { return Ok(()) };
    match own_id(event) {
        Some(own) if own != *of => Err(unexpected(&format!(
            "the receipt is for the deployment {}, but the event is of the deployment {}",
            shown(of),
            shown(&own)
        ))),
        _ => Ok(()),
    }
}

fn unexpected(what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("unexpected answer of the server: {what}"))
}

/// Why the server was too busy for an event; nothing when it was not.
fn busy_with(receipt: &ElementReceipt) -> Option<&str> {
    match receipt {
        ElementReceipt::Refused(Problem { status: 429 | 503, detail, .. }) => Some(detail),
        _ => None,
    }
}

/// A problem as the API's JSON.
fn as_json(problem: &Problem) -> String {
    serde_json::to_string(problem).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(elements: Vec<String>) -> Vec<(usize, bool)> {
        let batches = batches(&Events { elements, alone: false });
        batches.iter().map(|batch| (batch.range.len(), batch.alone)).collect()
    }

    #[test]
    fn batches_have_limits_and_an_event_that_cannot_be_parsed_is_sent_alone() {
        assert_eq!(lengths(vec!["{}".to_owned(); 250]), [(100, false), (100, false), (50, false)]);
        assert_eq!(lengths(vec![format!("\"{}\"", "x".repeat(400_000)); 3]), [(2, false), (1, false)]);
        assert_eq!(lengths(vec![format!("\"{}\"", "x".repeat(1_200_000)); 2]), [(1, false), (1, false)]);
        let twice = r#"{"a":1,"a":2}"#.to_owned();
        assert_eq!(lengths(vec!["{}".into(), twice, "{}".into()]), [(1, false), (1, true), (1, false)]);
        assert!(batches(&Events { elements: vec!["{}".into()], alone: true })[0].alone);
    }
}
