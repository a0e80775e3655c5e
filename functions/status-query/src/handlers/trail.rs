//! A deployment's audit trail, and whether it is intact.

use aws::store::Trail;
use domain::api::{Page, RecordedEvent, Verification};
use domain::chain::verification::{Verified, verify};
use domain::recording::Record;
use domain::{DeploymentId, Timestamp};

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
        // A deployment whose whole history has expired has an empty trail, and a summary still.
        if records.is_empty() && self.store.state(id).await?.is_none() {
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

    pub(crate) async fn verify(&self, id: &DeploymentId, now: Timestamp) -> Answer {
        // The state first: what is recorded after it was read is not its concern.
        let state = self.store.state(id).await?.ok_or_else(|| not_found(id))?;
        let Trail { mut records, unreadable } = self.store.trail(id).await?;
        records.retain(|record| record.sequence <= state.sequence);
        let unreadable: Vec<u64> = unreadable
            .into_iter()
            .map(|(sequence, _)| sequence)
            .filter(|sequence| *sequence <= state.sequence)
            .collect();
        let Verified { expired, summary_compared, problems } =
            verify(&state, &records, &unreadable, self.store.retention(), now);
        json(&Verification {
            deployment_id: id.to_string(),
            intact: problems.is_empty(),
            events: records.len() as u64,
            expired,
            summary_compared,
            head_hash: state.head_hash,
            problems,
        })
    }
}
