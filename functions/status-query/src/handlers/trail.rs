//! A deployment's audit trail, and whether it is intact.

use aws::store::Trail;
use domain::DeploymentId;
use domain::api::{Page, RecordedEvent, Verification};
use domain::recording::{Record, State, record};

use super::deployment::not_found;
use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many bytes of payload a page has at most; Lambda's own bound for an answer is 6 MB.
const PAGE_BYTES: usize = 3_000_000;

impl StatusQuery {
    pub(crate) async fn deployment_events(&self, id: &DeploymentId, mut parameters: Parameters) -> Answer {
        let (limit, position) = (parameters.limit(), parameters.position(|position| position.parse::<u64>().is_ok()));
        parameters.finish()?;
        let records = self.store.trail(id).await?.whole()?;
        if records.is_empty() {
            return Err(not_found(id));
        }
        let after: u64 = position.and_then(|position| position.parse().ok()).unwrap_or(0);
        let mut bytes = 0;
        let page: Vec<&Record> = records
            .iter()
            .filter(|record| record.sequence > after)
            .take(limit)
            .take_while(|record| {
                let fits = bytes == 0 || bytes + record.received.payload.len() <= PAGE_BYTES;
                bytes += record.received.payload.len();
                fits
            })
            .collect();
        let last = page.last().map_or(after, |record| record.sequence);
        let more = records.last().is_some_and(|record| record.sequence > last);
        let items = page.into_iter().map(RecordedEvent::from).collect();
        json(&Page { items, next_cursor: parameters.cursor(more.then(|| last.to_string())) })
    }

    pub(crate) async fn verify(&self, id: &DeploymentId) -> Answer {
        // The state first: what is recorded after it was read is not its concern.
        let state = self.store.state(id).await?.ok_or_else(|| not_found(id))?;
        let Trail { mut records, mut unreadable } = self.store.trail(id).await?;
        records.retain(|record| record.sequence <= state.sequence);
        unreadable.retain(|(sequence, _)| *sequence <= state.sequence);
        let altered = unreadable.iter().map(|(sequence, _)| format!("event {sequence} was altered: it can't be read"));
        let problems: Vec<String> = altered.chain(problems(&state, &records)).collect();
        json(&Verification {
            deployment_id: id.to_string(),
            intact: problems.is_empty(),
            events: records.len() as u64,
            head_hash: state.head_hash,
            problems,
        })
    }
}

/// What is wrong with a history, and with the summary that should be its fold.
fn problems(state: &State, records: &[Record]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut expected = 1;
    let mut previous_hash = String::new();
    let mut folded: Option<State> = None;
    for stored in records {
        if stored.sequence != expected {
            problems.push(format!("expected event {expected}, found event {}", stored.sequence));
        }
        if stored.previous_hash != previous_hash {
            problems.push(format!("event {} does not follow the one before it", stored.sequence));
        }
        if stored.computed_hash() != stored.hash
            || domain::json::sha256_hex(&stored.received.payload) != stored.received.payload_hash
        {
            problems.push(format!("event {} was altered: its hash is not that of its content", stored.sequence));
        }
        let received = &stored.received;
        if received.key != received.event.key(&received.payload_hash) {
            problems.push(format!("event {} stands under a key that is not its own", stored.sequence));
        }
        if let Ok((again, after)) = record(folded.as_ref(), received.clone(), stored.recorded_at) {
            if again.meaning != stored.meaning {
                problems.push(format!("what event {} meant was altered", stored.sequence));
            }
            folded = Some(after);
        }
        expected = stored.sequence + 1;
        previous_hash.clone_from(&stored.hash);
    }
    if expected != state.sequence + 1 {
        problems.push(format!("the last event is {}, and the summary counts {}", expected - 1, state.sequence));
    }
    if state.head_hash != previous_hash {
        problems.push("the last event's hash is not the one that the summary has".to_owned());
    }
    if folded.is_none_or(|folded| folded.summary != state.summary) {
        problems.push("the summary is not the fold of the events".to_owned());
    }
    problems
}
