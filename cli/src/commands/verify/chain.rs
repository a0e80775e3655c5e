//! Checks the chain: the events, the summary and the server's own verification must agree.

use std::ops::Range;

use domain::DeploymentId;
use domain::api::{Deployment, RecordedEvent, Verification};
use domain::ledger::recording::{Received, State, record};
use serde_json::Value;

use super::reading::Reading;
use super::verdict::Verdict;
use crate::failure::{Exit, Failure};

mod event;

/// Checks what was read. A `head` from an earlier call must be in the chain.
///
/// # Errors
/// When several hashes begin with `head`: exit code 2.
pub(super) fn check(id: &DeploymentId, reading: &Reading, head: Option<&str>) -> Result<Verdict, Failure> {
    let mut problems = Vec::new();
    let trail = reading.trail.as_deref().unwrap_or_default();
    let own = reading.verification.as_ref();
    let (mut expired, mut compared) = (own.map_or(0, |own| own.expired), false);
    if reading.trail.is_none() {
        problems.push("the server can't read the events, so they can't be verified".to_owned());
    } else {
        let events = in_order(trail, &mut problems);
        let received: Vec<Received> =
            events.iter().filter_map(|stored| event::problems(id, stored, &mut problems)).collect();
        let counted = reading.deployment.as_ref().map_or(events.len() as u64, |deployment| deployment.event_count);
        let gaps = follow(&events, counted, &mut problems);
        let missing: u64 = gaps.iter().map(|gap| gap.end - gap.start).sum();
        if expired == 0 || missing != expired {
            problems.extend(gaps.iter().map(|gap| format!("{} missing", numbers(gap))));
        }
        if missing != expired && expired > 0 {
            problems.push(format!("{missing} events are missing, but the server reports {expired} expired events"));
        }
        if let Some(own) = own {
            agree(own, &events, counted, &mut problems);
        }
        compared = missing == 0 && received.len() == events.len() && expired == 0;
        if let Some(deployment) = reading.deployment.as_ref().filter(|_| compared) {
            problems.extend(refolded(&events, received, deployment));
        }
        expired = expired.min(missing);
    }
    match own {
        Some(own) if own.problems.is_empty() && !own.intact => {
            problems.push("the server reports that the history is not intact".to_owned());
        }
        Some(own) => problems.extend(own.problems.iter().map(|problem| format!("the server reports: {problem}"))),
        None => problems.push("the deployment has no summary".to_owned()),
    }
    if let Some(head) = head.filter(|_| reading.trail.is_some()) {
        problems.extend(missing_head(head, trail, own)?);
    }
    let last = trail.iter().max_by_key(|event| event.sequence).map(|event| event.hash.clone());
    Ok(Verdict {
        verification: Verification {
            deployment_id: id.to_string(),
            intact: problems.is_empty(),
            events: trail.len() as u64,
            expired,
            summary_compared: compared,
            head_hash: own.map(|own| own.head_hash.clone()).or(last).unwrap_or_default(),
            problems,
        },
        trail: trail.to_vec(),
    })
}

/// The events in order of their numbers. Another order in the answer is a problem.
fn in_order<'a>(trail: &'a [RecordedEvent], problems: &mut Vec<String>) -> Vec<&'a RecordedEvent> {
    for pair in trail.windows(2).filter(|pair| pair[1].sequence <= pair[0].sequence) {
        problems.push(format!("event {} comes after event {}", pair[1].sequence, pair[0].sequence));
    }
    let mut events: Vec<&RecordedEvent> = trail.iter().collect();
    events.sort_by_key(|event| event.sequence);
    events
}

/// Checks that each event follows the one before it, up to the number that the summary counts. Returns the
/// missing numbers. An event after a gap can't be compared with the missing event before it.
fn follow(events: &[&RecordedEvent], counted: u64, problems: &mut Vec<String>) -> Vec<Range<u64>> {
    let mut gaps = Vec::new();
    let mut before: Option<&RecordedEvent> = None;
    for event in events {
        let (expected, number) = (before.map_or(1, |before| before.sequence.saturating_add(1)), event.sequence);
        if number > expected {
            gaps.push(expected..number);
        } else {
            let previous = (before.map_or("", |before| &before.hash), before.map(|before| &before.recorded_at));
            if previous != (event.previous_hash.as_str(), event.previous_recorded_at.as_ref()) {
                problems.push(format!("event {number} does not follow the event before it"));
            }
        }
        // The API has one form of times, in which the order of the texts is the order of the times.
        if before.is_some_and(|before| before.recorded_at > event.recorded_at) {
            problems.push(format!("event {number} has an earlier time of recording than the event before it"));
        }
        before = Some(event);
    }
    let last = before.map_or(0, |before| before.sequence);
    if last < counted {
        gaps.push(last.saturating_add(1)..counted.saturating_add(1));
    }
    if last > counted {
        problems.push(format!("the last event has number {last}, but the summary counts {counted}"));
    }
    gaps
}

/// Compares the server's own verification with the events.
fn agree(own: &Verification, events: &[&RecordedEvent], counted: u64, problems: &mut Vec<String>) {
    if own.events != events.len() as u64 {
        problems.push(format!("the server reports {} events, but returns {}", own.events, events.len()));
    }
    let last = events.last().filter(|last| last.sequence == counted);
    if last.is_some_and(|last| last.hash != own.head_hash) {
        problems.push("the last event's hash is not the head hash of the summary".to_owned());
    }
}

/// Folds the events again, and names the fields in which the summary differs.
fn refolded(events: &[&RecordedEvent], received: Vec<Received>, deployment: &Deployment) -> Option<String> {
    let mut state: Option<State> = None;
    for (stored, received) in events.iter().zip(received) {
        let Ok(recorded_at) = domain::Timestamp::parse(&stored.recorded_at) else { continue };
        match record(state.as_ref(), received, recorded_at) {
            Ok((_, after)) => state = Some(after),
            Err(no_room) => {
                return Some(format!(
                    "event {} exceeds a limit, so it can't have been recorded: {no_room}",
                    stored.sequence
                ));
            }
        }
    }
    let folded = Deployment::from(&state?);
    if folded == *deployment {
        return None;
    }
    let fields = |deployment: &Deployment| match serde_json::to_value(deployment) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (folded, reported) = (fields(&folded), fields(deployment));
    let other: Vec<String> =
        folded.into_iter().filter(|(name, value)| reported.get(name) != Some(value)).map(|(name, _)| name).collect();
    Some(format!("the summary does not match the events: {}", other.join(", ")))
}

/// Checks that a hash from an earlier call is in the chain. It is missing when the history was rewritten.
fn missing_head(head: &str, trail: &[RecordedEvent], own: Option<&Verification>) -> Result<Option<String>, Failure> {
    // The hash of an expired event is in the event after it.
    let hashes = trail.iter().flat_map(|event| [&event.hash, &event.previous_hash]);
    let hashes = hashes.chain(own.map(|own| &own.head_hash)).filter(|hash| hash.starts_with(head));
    let found: std::collections::BTreeSet<&String> = hashes.collect();
    if found.len() > 1 {
        let message = format!("{} hashes of the chain begin with {head}; use more digits", found.len());
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(found.is_empty().then(|| match own.map_or(0, |own| own.expired) {
        0 => format!("no event has the hash {head}: the history was changed since that hash was stored"),
        expired => format!("no event has the hash {head}; it may belong to one of the {expired} expired events"),
    }))
}

/// `event 3 is`, `events 3 to 5 are`.
fn numbers(gap: &Range<u64>) -> String {
    match gap.end - gap.start {
        1 => format!("event {} is", gap.start),
        _ => format!("events {} to {} are", gap.start, gap.end - 1),
    }
}
