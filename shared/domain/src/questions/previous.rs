//! What was in a place before a deployment, and what is expected of it: both by the newest landings there, up to when
//! it landed itself.

use crate::identifiers::DeploymentId;
use crate::ledger::figures::Figures;
use crate::ledger::summary::Summary;
use crate::live::log::{Effect, Entry, Place, entries};
use crate::live::timing::Timing;
use crate::questions::expected::{Expected, Of, Took};
use crate::{Subject, Timestamp};

/// A landing, and how long it took as far as that is known.
pub type Landed = (Entry, Option<Timing>);

/// Of which place and up to when landings are to be read for a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct Before {
    /// Its place.
    pub place: Place,
    /// Up to when: until it landed, or ended otherwise, or until the time that is asked for.
    pub up_to: Timestamp,
    /// The last landing of its own.
    own: Option<Entry>,
}

impl Before {
    /// What is to be read for a deployment, of a time. None of what has no place, or goes nowhere: an incident, a
    /// removal.
    #[must_use]
    pub fn of(summary: &Summary, as_of: Timestamp) -> Option<Self> {
        if summary.deployment_id.subject() != Subject::Deployment || summary.is_removal() {
            return None;
        }
        let (place, entries) = entries(summary);
        let completed = entries.into_iter().filter(|entry| entry.effect == Effect::Completed && entry.at <= as_of);
        let own = completed.max();
        let ended = own.as_ref().map(|own| own.at).or(summary.finished_at());
        let up_to = ended.map_or(as_of, |ended| ended.min(as_of));
        place.is_known().then_some(Self { place, up_to, own })
    }

    /// The deployment that landed before it in its place: in its region, where it has one. Landings come the newest
    /// first.
    #[must_use]
    pub fn previous<'l>(&self, summary: &Summary, newest_first: &'l [Landed]) -> Option<&'l Entry> {
        let region = summary.region();
        let earlier = newest_first.iter().map(|(entry, _)| entry).filter(|entry| {
            entry.effect == Effect::Completed
                && entry.deployment_id != summary.deployment_id
                && self.own.as_ref().is_none_or(|own| *entry < own)
                && (region.is_none() || entry.speaks_for(region.as_ref()))
        });
        earlier.max()
    }
}

impl Expected {
    /// What is expected of a deployment by the newest landings of its place, that deployment left out.
    #[must_use]
    pub fn of_place(newest_first: &[Landed], except: Option<&DeploymentId>) -> Option<Self> {
        let others = newest_first.iter().filter(|(entry, _)| Some(&entry.deployment_id) != except);
        let completed = others.take(Self::NEWEST).filter(|(entry, _)| entry.effect == Effect::Completed);
        let took = completed.filter_map(|(_, timing)| Took::of_landing(timing.as_ref()?));
        Self::after(&took.collect::<Vec<_>>(), Of::Place)
    }

    /// The same by what ended last in its environment.
    #[must_use]
    pub fn of_environment(newest_first: &[(DeploymentId, Figures)], except: Option<&DeploymentId>) -> Option<Self> {
        let others = newest_first.iter().filter(|(id, _)| Some(id) != except).take(Self::NEWEST);
        Self::after(&others.filter_map(|(_, figures)| Took::of_finished(figures)).collect::<Vec<_>>(), Of::Environment)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::identifiers::Identifier as _;
    use crate::ledger::received::Received;
    use crate::ledger::recording::{State, record};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::parse("2026-03-01T12:00:00Z").unwrap().plus_millis(seconds * 1000)
    }

    fn deployment(id: &str, events: &[(i64, Value)]) -> Summary {
        let mut state: Option<State> = None;
        for (seconds, more) in events {
            let mut event = json!({"deploymentId": id, "service": "cart", "environment": "production"});
            event["occurredAt"] = json!(at(*seconds));
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let received = Received::new(&crate::event::read(event, at(9000)).unwrap(), at(9000), "test").unwrap();
            state = Some(record(state.as_ref(), received, at(9000)).unwrap().1);
        }
        state.unwrap().summary
    }

    /// The landings of the place up to a time, as they are read.
    fn landings(of: &[&Summary], up_to: Timestamp) -> Vec<Landed> {
        let all = of.iter().flat_map(|summary| {
            let timings = Timing::of(summary);
            let timing = move |entry: &Entry| timings.get(&crate::live::log_key::LogKey::of(entry)).cloned();
            entries(summary).1.into_iter().map(move |entry| (entry.clone(), timing(&entry)))
        });
        let mut all: Vec<Landed> = all.filter(|(entry, _)| entry.effect.changes_live() && entry.at <= up_to).collect();
        all.sort_by(|(one, _), (other, _)| other.cmp(one));
        all
    }

    fn done(id: &str, from: i64, to: i64) -> Summary {
        deployment(id, &[(from, json!({"status": "IN_PROGRESS"})), (to, json!({"status": "COMPLETED"}))])
    }

    #[test]
    fn the_one_before_is_the_last_that_landed_earlier() {
        let (a, b, c) = (done("a", 0, 10), done("b", 20, 30), done("c", 15, 50));
        let removal = deployment("r", &[(35, json!({"type": "removal", "status": "COMPLETED"}))]);
        let failed = deployment("f", &[(36, json!({"status": "IN_PROGRESS"})), (40, json!({"status": "FAILED"}))]);
        let active = deployment("n", &[(60, json!({"status": "IN_PROGRESS"}))]);
        let again = deployment(
            "a",
            &[
                (0, json!({"status": "IN_PROGRESS"})),
                (10, json!({"status": "COMPLETED"})),
                (70, json!({"status": "COMPLETED", "attempt": 2})),
            ],
        );
        // At the same moment the order is that of the log.
        let beside = done("b-2", 25, 30);
        let all = [&a, &b, &beside, &c, &removal, &failed];
        for (summary, as_of, expected) in [
            (&a, at(9000), None),
            (&b, at(9000), Some("a")),
            (&beside, at(9000), Some("b")),
            (&c, at(9000), Some("b-2")),
            (&failed, at(9000), Some("b-2")),
            (&active, at(9000), Some("c")),
            (&active, at(45), Some("b-2")),
            (&again, at(9000), Some("c")),
            (&again, at(65), None),
        ] {
            let before = Before::of(summary, as_of).unwrap();
            let read = landings(&all, before.up_to);
            let previous = before.previous(summary, &read).map(|entry| entry.deployment_id.as_str());
            assert_eq!(previous, expected, "{} as of {as_of}", summary.deployment_id);
        }
        assert_eq!(Before::of(&removal, at(9000)), None);
    }

    #[test]
    fn of_a_region_it_is_what_landed_there() {
        let of = |id: &str, region: Option<&str>, to: i64| {
            deployment(id, &[(to, json!({"status": "COMPLETED", "region": region}))])
        };
        let (west, east) = (of("west", Some("us-west-2"), 10), of("east", Some("us-east-1"), 20));
        let next = of("next", Some("us-west-2"), 40);
        let previous = |all: &[&Summary]| {
            let before = Before::of(&next, at(9000)).unwrap();
            before.previous(&next, &landings(all, before.up_to)).map(|entry| entry.deployment_id.to_string())
        };
        assert_eq!(previous(&[&west, &east, &next]).as_deref(), Some("west"));
        let whole = of("whole", None, 30);
        assert_eq!(previous(&[&west, &east, &whole, &next]).as_deref(), Some("whole"));
    }

    #[test]
    fn what_is_expected_leaves_out_removals_what_failed_and_itself() {
        let summaries: Vec<Summary> = (0..9).map(|n| done(&format!("d-{n}"), n * 100, n * 100 + 10 + n)).collect();
        let removal = deployment(
            "r",
            &[
                (901, json!({"type": "removal", "status": "IN_PROGRESS"})),
                (999, json!({"type": "removal", "status": "COMPLETED"})),
            ],
        );
        let mut all: Vec<&Summary> = summaries.iter().collect();
        all.push(&removal);
        let read = landings(&all, at(9000));
        let id = DeploymentId::parse("d-8").unwrap();
        let expected = Expected::of_place(&read, Some(&id)).unwrap();
        assert_eq!((expected.whole.from, expected.whole.p95.to_bits()), (8, 17f64.to_bits()));
        assert_eq!(Expected::of_place(&read, None).unwrap().whole.from, 9);
        // Entries that an earlier version wrote say nothing, and count as unknown.
        let mut unknown = read.clone();
        unknown[3].1 = None;
        assert_eq!(Expected::of_place(&unknown, Some(&id)), None);
    }

    #[test]
    fn of_an_environment_what_completed_counts() {
        let figures = |summary: &Summary| (summary.deployment_id.clone(), Figures::of(summary).unwrap());
        let mut all: Vec<_> = (0..20).map(|n| figures(&done(&format!("d-{n}"), n * 100, n * 100 + 10))).collect();
        let failed = deployment("f", &[(1, json!({"status": "IN_PROGRESS"})), (900, json!({"status": "FAILED"}))]);
        all.insert(0, figures(&failed));
        let expected = Expected::of_environment(&all, None).unwrap();
        assert_eq!(
            (expected.whole.from, expected.whole.p95.to_bits(), expected.of),
            (20, 10f64.to_bits(), Of::Environment)
        );
        assert_eq!(Expected::of_environment(&all, Some(&all[5].0)), None);
    }
}
