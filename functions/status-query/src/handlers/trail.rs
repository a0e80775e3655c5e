//! A deployment's audit trail, and whether it is intact.

use api::cdevents::{Known, cdevents};
use api::{Page, RecordedEvent, TrailFormat, Verification};
use domain::ledger::past::records_at;
use domain::ledger::recording::Record;
use domain::ledger::verification::Verified;
use domain::{DeploymentId, Label, Timestamp};
use store::ReadItems;

use super::deployment::not_found;
use crate::StatusQuery;
use crate::answer::{Answer, json};
use crate::parameters::Parameters;

/// How many bytes of payload a page has at most; Lambda's own bound for an answer is 6 MB.
const PAGE_BYTES: usize = 3_000_000;
/// How often a record's payload can stand in a page of CDEvents.
const CDEVENTS_PER_RECORD: usize = 2;

impl<S: ReadItems> StatusQuery<S> {
    /// `address` is where the caller reached the API.
    pub(crate) async fn deployment_events(
        &self,
        id: &DeploymentId,
        mut parameters: Parameters,
        address: Option<&str>,
    ) -> Answer {
        let format = parameters.format();
        let (as_of, known_at) = (parameters.time_up_to("asOf"), parameters.time_up_to("knownAt"));
        let (limit, position) = (parameters.limit(), parameters.position(|position| position.parse::<u64>().is_ok()));
        parameters.finish()?;
        let records = self.reader.trail(id).await?.whole()?;
        // A deployment whose whole history has expired has an empty trail, and a summary still.
        if records.is_empty() && self.reader.state(id).await?.is_none() {
            return Err(not_found(id));
        }
        let after: u64 = position.and_then(|position| position.parse().ok()).unwrap_or(0);
        let copies = if format == TrailFormat::CdEvents { CDEVENTS_PER_RECORD } else { 1 };
        let mut bytes = 0;
        let asked: Vec<&Record> = records_at(&records, as_of.unwrap_or(Timestamp::MAX), known_at).collect();
        let page: Vec<&Record> = asked
            .iter()
            .copied()
            .filter(|record| record.sequence > after)
            .take(limit)
            .take_while(|record| {
                let more = record.received.payload.len() * copies;
                let fits = bytes == 0 || bytes + more <= PAGE_BYTES;
                bytes += more;
                fits
            })
            .collect();
        let last = page.last().map_or(after, |record| record.sequence);
        let more = asked.last().is_some_and(|record| record.sequence > last);
        let next_cursor = parameters.cursor(more.then(|| last.to_string()));
        match format {
            TrailFormat::Native => {
                json(&Page { items: page.into_iter().map(RecordedEvent::from).collect(), next_cursor })
            }
            TrailFormat::CdEvents => {
                // An id has no character that a path would need encoded.
                let uri = address.map(|address| format!("{address}/v1/deployments/{id}"));
                let known = |record: &Record| Known { uri: uri.as_deref(), artifact: artifact(&records, record) };
                let items = page.into_iter().flat_map(|record| cdevents(record, known(record))).collect();
                json(&Page { items, next_cursor })
            }
        }
    }

    pub(crate) async fn verify(&self, id: &DeploymentId, now: Timestamp) -> Answer {
        // The state first: what is recorded after it was read is not its concern.
        let state = self.reader.state(id).await?.ok_or_else(|| not_found(id))?;
        let (events, verified) = self.reader.trail(id).await?.verify(&state, self.retention, now);
        let Verified { expired, summary_compared, problems } = verified;
        json(&Verification {
            deployment_id: id.to_string(),
            intact: problems.is_empty(),
            events: events as u64,
            expired,
            summary_compared,
            head_hash: state.head_hash,
            problems,
        })
    }
}

/// The deployment's artifact as it was known with `record`: what was recorded later changes nothing,
/// so that a page stays what it was.
fn artifact<'a>(records: &'a [Record], record: &Record) -> Option<&'a Label> {
    let mut known = records.iter().take_while(|earlier| earlier.sequence <= record.sequence);
    known.find_map(|earlier| earlier.received.event.named.artifact.as_ref())
}
