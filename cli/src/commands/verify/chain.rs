//! Checks the chain: the events, the summary and the server's own verification must agree. The rules are
//! the domain's, as on the server.

use std::collections::BTreeSet;

use api::{Deployment, RecordedEvent, Verification};
use domain::DeploymentId;
use domain::ledger::flag::Flag;
use domain::ledger::standing::Standing;
use domain::ledger::verification::{Head, MayBeMissing, judge};
use serde_json::Value;

use super::reading::Reading;
use super::verdict::Verdict;
use crate::failure::{Exit, Failure};

mod entry;

use entry::Entry;

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
        let entries: Vec<Entry> =
            in_order(trail, &mut problems).iter().filter_map(|event| Entry::parse(event, &mut problems)).collect();
        let standing: Vec<Standing<'_>> = entries.iter().map(Entry::standing).collect();
        let counted = reading.deployment.as_ref().map_or(trail.len() as u64, |deployment| deployment.event_count);
        // Events that are there and can't be parsed are reported above.
        let read: BTreeSet<u64> = standing.iter().map(|event| event.sequence).collect();
        let unread = trail.iter().filter(|event| !read.contains(&event.sequence));
        let unreadable = unread.map(|event| (event.sequence, Some(event.hash.as_str()))).collect();
        let head = Head { sequence: counted, hash: own.map(|own| own.head_hash.as_str()) };
        let judged = judge(id, &standing, &unreadable, head, MayBeMissing::Reported(expired));
        problems.extend(judged.problems);
        if judged.missing != expired && expired > 0 {
            problems.push(format!(
                "{} events are missing, but the server reports {expired} expired events",
                judged.missing
            ));
        }
        if let Some(own) = own.filter(|own| own.events != trail.len() as u64) {
            problems.push(format!("the server reports {} events, but returns {}", own.events, trail.len()));
        }
        compared = judged.folded.is_some() && expired == 0;
        if let Some((state, deployment)) = judged.folded.zip(reading.deployment.as_ref()).filter(|_| compared) {
            // What is expected of it follows from others, too.
            let told = Deployment { outlook: None, ..deployment.clone() };
            problems.extend(differing(&Deployment::from(&state), &told));
        }
        expired = expired.min(judged.missing);
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

/// The fields in which the summary differs from the fold of the events.
fn differing(folded: &Deployment, reported: &Deployment) -> Option<String> {
    let folded = &as_far_as_known(folded, reported);
    if folded == reported {
        return None;
    }
    let fields = |deployment: &Deployment| match serde_json::to_value(deployment) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let (folded, reported) = (fields(folded), fields(reported));
    let other: Vec<String> =
        folded.into_iter().filter(|(name, value)| reported.get(name) != Some(value)).map(|(name, _)| name).collect();
    Some(format!("the summary does not match the events: {}", other.join(", ")))
}

/// The fold without what the summary can't say, because an earlier version made it: who reported the deployment.
fn as_far_as_known(folded: &Deployment, reported: &Deployment) -> Deployment {
    let mut folded = folded.clone();
    if reported.reported_by.is_none() {
        folded.reported_by = None;
        folded.flags.retain(|flag| *flag != Flag::ProducerDisagrees || reported.flags.contains(flag));
    }
    folded
}

/// Checks that a hash from an earlier call is in the chain. It is missing when the history was rewritten.
fn missing_head(head: &str, trail: &[RecordedEvent], own: Option<&Verification>) -> Result<Option<String>, Failure> {
    // The hash of an expired event is in the event after it.
    let hashes = trail.iter().flat_map(|event| [&event.hash, &event.previous_hash]);
    let hashes = hashes.chain(own.map(|own| &own.head_hash)).filter(|hash| hash.starts_with(head));
    let found: BTreeSet<&String> = hashes.collect();
    if found.len() > 1 {
        let message = format!("{} hashes of the chain begin with {head}; use more digits", found.len());
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(found.is_empty().then(|| match own.map_or(0, |own| own.expired) {
        0 => format!("no event has the hash {head}: the history was changed since that hash was stored"),
        expired => format!("no event has the hash {head}; it may belong to one of the {expired} expired events"),
    }))
}
