//! The events of several deployments in as few transactions as they fit in. Each deployment keeps its own
//! conditions; what gets in the way of one is its own to deal with, and the others are tried once more together.

use std::panic::AssertUnwindSafe;

use domain::ledger::commit::Commit;
use domain::ledger::room::NoRoom;
use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use store::transaction::Outcome;
use store::{StoreError, WriteItems, backoff};

use crate::attempt::Drawn;
use crate::group::{Before, Group, Step};
use crate::joint::{Joint, Share, joined};
use crate::read_ahead::ReadAhead;
use crate::recorded::{Numbered, NumberedResult};
use crate::recorder::Recorder;
use crate::taken::Taken;

/// How many transactions are under way at once: each opens a connection in a new process.
const AT_ONCE: usize = 3;

/// The events of one deployment on their way.
struct Waiting {
    /// All of them; should this panic, they are tried one by one.
    events: Vec<Numbered>,
    group: Group,
}

/// What is to be carried out for a deployment.
type UnderWay = (Box<Commit>, Drawn);

/// What became of that, if anything.
type Ended = Option<(UnderWay, Result<Outcome, StoreError>)>;

impl<S: WriteItems> Recorder<S> {
    /// Records the events of deployments that don't get in each other's way.
    pub(crate) async fn record_together(
        &self,
        round: Vec<(Vec<Numbered>, ReadAhead)>,
        taken: Taken,
    ) -> Vec<NumberedResult> {
        let waiting = round.into_iter().map(|(events, ahead)| {
            let group = Group::new(events.clone(), ahead);
            Waiting { events, group }
        });
        let (ended, of_others) = self.try_together(waiting.collect(), taken).await;
        let again = async {
            let (ended, of_others) = self.try_together(of_others, taken).await;
            let alone = of_others.into_iter().map(|waiting| (waiting, None));
            self.go_on_all(ended.into_iter().chain(alone).collect(), taken).await
        };
        let (mut results, others) = join(self.go_on_all(ended, taken), again).await;
        results.extend(others);
        results
    }

    /// Tries the next transaction of each together. Answers those of which something became, or that are to go on
    /// alone; and those that others were in the way of.
    async fn try_together(&self, waiting: Vec<Waiting>, taken: Taken) -> (Vec<(Waiting, Ended)>, Vec<Waiting>) {
        let deciding = waiting.into_iter().map(async |mut waiting| {
            let decided = AssertUnwindSafe(self.decide(&mut waiting.group, taken)).catch_unwind().await;
            let under_way = decided.unwrap_or_else(|_| {
                // Whoever panics does so again alone, where it is dealt with.
                waiting.group = Group::new(waiting.events.clone(), ReadAhead::default());
                None
            });
            (waiting, under_way)
        });
        let mut decided: Vec<(Waiting, Option<UnderWay>)> = join_all(deciding).await;
        let transactions = decided.iter_mut().enumerate().filter_map(|(whose, (_, under_way))| {
            Some((whose, std::mem::take(&mut under_way.as_mut()?.1.transaction)))
        });
        let mut joint: Vec<Joint> = joined(transactions);
        let mut shares: Vec<Option<Share>> = decided.iter().map(|_| None).collect();
        while !joint.is_empty() {
            let some: Vec<Joint> = joint.drain(..joint.len().min(AT_ONCE)).collect();
            for (whose, share) in
                join_all(some.into_iter().map(|joint| self.carry_out(joint))).await.into_iter().flatten()
            {
                shares[whose] = Some(share);
            }
        }
        let (mut ended, mut of_others) = (Vec::new(), Vec::new());
        for ((waiting, under_way), share) in decided.into_iter().zip(shares) {
            match (under_way, share) {
                (Some(under_way), Some(Share::Ended(outcome))) => ended.push((waiting, Some((under_way, outcome)))),
                (Some(_), Some(Share::OfOthers)) => of_others.push(waiting),
                _ => ended.push((waiting, None)),
            }
        }
        (ended, of_others)
    }

    async fn carry_out(&self, joint: Joint) -> Vec<(usize, Share)> {
        let (transaction, parts) = joint.into_parts();
        match AssertUnwindSafe(self.reader.store().transact(transaction)).catch_unwind().await {
            Ok(ended) => Joint::shares(&parts, &ended),
            Err(_) => parts.into_iter().map(|(whose, _)| (whose, Share::Unknown)).collect(),
        }
    }

    /// Lets each go on for itself, side by side.
    async fn go_on_all(&self, ended: Vec<(Waiting, Ended)>, taken: Taken) -> Vec<NumberedResult> {
        let going_on = ended.into_iter().map(|(waiting, ended)| self.go_on_safely(waiting, ended, taken));
        join_all(going_on).await.into_iter().flatten().collect()
    }

    /// Records what is left of the events of one deployment. If that panics all are tried one by one, so that the
    /// one to blame fails alone.
    async fn go_on_safely(&self, waiting: Waiting, ended: Ended, taken: Taken) -> Vec<NumberedResult> {
        let Waiting { events, group } = waiting;
        if let Ok(results) = AssertUnwindSafe(self.go_on(group, ended, taken)).catch_unwind().await {
            return results;
        }
        let mut results = Vec::new();
        for (index, received) in events {
            self.memory.forget(&received.event.deployment_id);
            let group = Group::new(vec![(index, received)], ReadAhead::default());
            let recording = self.go_on(group, None, taken);
            let panicked = |_| vec![(index, Err(StoreError::panicked("record")))];
            results.extend(AssertUnwindSafe(recording).catch_unwind().await.unwrap_or_else(panicked));
        }
        results
    }

    /// Records what is left of the events of one deployment: carries out step by step what the group decides.
    async fn go_on(&self, mut group: Group, mut ended: Ended, taken: Taken) -> Vec<NumberedResult> {
        loop {
            if let Some(((commit, drawn), outcome)) = ended.take() {
                self.conclude(&mut group, *commit, drawn, outcome).await;
            }
            let Some((commit, mut drawn)) = self.decide(&mut group, taken).await else { return group.into_results() };
            let outcome = self.reader.store().transact(std::mem::take(&mut drawn.transaction)).await;
            ended = Some(((commit, drawn), outcome));
        }
    }

    /// What is to be carried out next for a deployment; none when each event has its result.
    async fn decide(&self, group: &mut Group, taken: Taken) -> Option<UnderWay> {
        loop {
            match group.next(taken.anew()) {
                Step::Done => return None,
                Step::LookUp(event, why) => {
                    let stored = self.stored(&event.1).await;
                    group.looked_up(*event, why, stored);
                }
                Step::Attempt(commit) => match self.draw_up(group, &commit).await {
                    Ok(Some(drawn)) => return Some((commit, drawn)),
                    Ok(None) => {}
                    Err(error) => {
                        self.memory.forget(&commit.state.summary.deployment_id);
                        group.fail(&error);
                    }
                },
            }
        }
    }

    /// The transaction of what was decided; none when it is to be decided anew.
    async fn draw_up(&self, group: &mut Group, commit: &Commit) -> Result<Option<Drawn>, StoreError> {
        let found = self.recorded_formerly(group).await?;
        if !found.is_empty() {
            group.recorded_before(found);
            return Ok(None);
        }
        if self.has_too_many_regions(commit).await? {
            if let Some((event, why)) = group.no_room(NoRoom::Regions) {
                let stored = self.stored(&event.1).await;
                group.looked_up(event, why, stored);
            }
            return Ok(None);
        }
        let cells = self.missing_cells(commit, &group.ahead).await?;
        group.ahead.cells.extend(cells);
        self.draw(commit, &group.ahead).await.map(Some)
    }

    /// A transaction has ended so: what follows for its deployment.
    async fn conclude(&self, group: &mut Group, commit: Commit, drawn: Drawn, outcome: Result<Outcome, StoreError>) {
        let id = commit.state.summary.deployment_id.clone();
        let attempt = outcome.and_then(|outcome| self.ended(&commit, drawn, outcome));
        match attempt.map(|attempt| group.conclude(commit, attempt)) {
            Ok(Before::Nothing) => {}
            Ok(Before::ReadingAgain(retries)) => {
                self.reader.store().pause(backoff::pause(retries)).await;
                match self.reader.state(&id).await {
                    Ok(state) => group.ahead = ReadAhead::of(state),
                    Err(error) => group.fail(&error),
                }
            }
            Err(error) => {
                // What became of the transaction is not known, so nothing may be remembered.
                self.memory.forget(&id);
                group.fail(&error);
            }
        }
    }
}
