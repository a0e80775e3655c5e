//! Sending events, in order: one alone, many in arrays. Whatever happens, what was recorded is told,
//! and sending all of it again is safe.

use std::ops::Range;
use std::thread::sleep;
use std::time::Duration;

use api::{ElementReceipt, Problem, Receipt};
use domain::json;
use serde_json::value::RawValue;

use super::Events;
use super::report::Report;
use crate::api::Api;
use crate::failure::{Exit, Failure};
use crate::output::{Printer, Progress, grouped};

const ROUTE: &str = "/v1/events";
/// How many events the API takes at once.
const BATCH: usize = 100;
/// How many bytes are sent at once, unless a single event has more: well below what gateways take.
const BATCH_BYTES: usize = 1_000_000;
/// How often an event is sent that the server has too much to do for.
const TRIES: u32 = 4;

/// What became of an event, and how the API said it.
type Told = (String, ElementReceipt);
/// Why a request failed, and of how many events it is not known what became.
type BrokenOff = (Failure, usize);

/// Sends events, and prints what became of each.
///
/// # Errors
/// When one is refused, or the API does not answer.
pub(super) fn send(api: Api, events: &Events, printer: &Printer) -> Result<(), Failure> {
    let mut report = Report::on(events, printer);
    let mut progress = Progress::new();
    let api = api.telling(progress.saying());
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

/// Events that are sent at once.
#[derive(Debug, PartialEq)]
struct Batch {
    range: Range<usize>,
    /// Whether it is one event by itself, and no array.
    alone: bool,
}

/// Which events are sent at once. One that can't be read is sent by itself: the server would refuse the
/// whole array that it stood in.
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
            report.answered(&answer.body);
            report.add(index, &answer.body, &ElementReceipt::Accepted(answer.value));
        }
        Err(problem) => {
            let raw = as_json(&problem);
            report.refused(&raw);
            report.add(index, &raw, &ElementReceipt::Refused(problem));
        }
    }
    Ok(())
}

/// Posts events as an array; those that the server has too much to do for once more.
fn post_all(
    api: &Api,
    elements: &[(usize, &str)],
    report: &mut Report<'_>,
    progress: &mut Progress,
) -> Result<(), BrokenOff> {
    let mut results: Vec<Option<Told>> = vec![None; elements.len()];
    let mut waiting: Vec<usize> = (0..elements.len()).collect();
    let mut sent = Ok(());
    for tries in 1..=TRIES {
        let events: Vec<&str> = waiting.iter().map(|at| elements[*at].1).collect();
        let told = match post_array(api, &events, report, progress) {
            Ok(told) => told.into_iter().map(Some).collect(),
            Err(failure) => {
                sent = Err((failure, waiting.len()));
                vec![None; waiting.len()]
            }
        };
        for (at, told) in waiting.iter().zip(told) {
            results[*at] = told;
        }
        waiting.retain(|at| results[*at].as_ref().is_some_and(|(_, receipt)| is_busy(receipt)));
        if waiting.is_empty() || tries == TRIES {
            break;
        }
        let pause = Duration::from_millis(fastrand::u64(100..=400 << tries));
        progress.saying()(&format!(
            "the server is too busy for {} of the events; sending them again in {:.1} s",
            waiting.len(),
            pause.as_secs_f64()
        ));
        sleep(pause);
    }
    for ((index, _), told) in elements.iter().zip(&results) {
        if let Some((raw, receipt)) = told {
            report.add(*index, raw, receipt);
        }
    }
    sent
}

/// Posts an array: what became of each of its elements.
fn post_array(
    api: &Api,
    events: &[&str],
    report: &mut Report<'_>,
    progress: &mut Progress,
) -> Result<Vec<Told>, Failure> {
    let answer = api.post::<Vec<Box<RawValue>>>(ROUTE, &format!("[{}]", events.join(",")))?;
    progress.erase();
    let answer = match answer {
        Ok(answer) => answer,
        // Not one of its elements is wrong, but all of it.
        Err(problem) => {
            let raw = as_json(&problem);
            report.refused(&raw);
            return Ok(vec![(raw, ElementReceipt::Refused(problem)); events.len()]);
        }
    };
    let told = |raw: &RawValue| serde_json::from_str(raw.get()).map(|receipt| (raw.get().to_owned(), receipt));
    let receipts: Result<Vec<Told>, _> = answer.value.iter().map(|raw| told(raw)).collect();
    match receipts {
        Ok(receipts) if receipts.len() == events.len() => {
            report.answered(&answer.body);
            Ok(receipts)
        }
        Ok(receipts) => Err(not_understood(&format!("{} results for {} events", receipts.len(), events.len()))),
        Err(error) => Err(not_understood(&error.to_string())),
    }
}

fn not_understood(what: &str) -> Failure {
    Failure::new(Exit::Failed, format!("the server's answer is not what was expected: {what}"))
}

fn is_busy(receipt: &ElementReceipt) -> bool {
    matches!(receipt, ElementReceipt::Refused(Problem { status: 429 | 503, .. }))
}

/// A problem as the API says it.
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
    fn batches_have_bounds_and_what_cannot_be_read_stands_apart() {
        assert_eq!(lengths(vec!["{}".to_owned(); 250]), [(100, false), (100, false), (50, false)]);
        assert_eq!(lengths(vec![format!("\"{}\"", "x".repeat(400_000)); 3]), [(2, false), (1, false)]);
        assert_eq!(lengths(vec![format!("\"{}\"", "x".repeat(1_200_000)); 2]), [(1, false), (1, false)]);
        let twice = r#"{"a":1,"a":2}"#.to_owned();
        assert_eq!(lengths(vec!["{}".into(), twice, "{}".into()]), [(1, false), (1, true), (1, false)]);
        assert!(batches(&Events { elements: vec!["{}".into()], alone: true })[0].alone);
    }
}
