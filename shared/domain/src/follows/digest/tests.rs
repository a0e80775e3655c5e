use proptest::prelude::*;

use super::*;
use crate::identifiers::Identifier as _;

fn held(n: usize, environment: &str, minute: i64) -> Held {
    let at = Timestamp::parse("2026-03-01T12:00:00Z").unwrap();
    Held {
        transition: if n.is_multiple_of(2) { Transition::Stuck } else { Transition::Failed },
        deployment_id: DeploymentId::parse(&format!("d-{n}")).unwrap(),
        service: Service::parse("cart").unwrap(),
        environment: Environment::parse(environment).unwrap(),
        version: None,
        commit: None,
        attempt: 1,
        at: at.plus_millis(i64::try_from(n).unwrap()),
        status: Status::InProgress,
        why: None,
        dedupe_id: format!("d-{n}#1"),
        minute: at.plus_millis(minute * 60_000),
    }
}

fn of_production(environment: &Environment) -> bool {
    environment.as_str() == "production"
}

#[test]
fn a_digest_says_how_many_there_are_and_lists_those_of_production_first() {
    let all = (0..3000).map(|n| held(2 * n, if n == 2999 { "production" } else { "staging" }, 0)).collect();
    let digests = digests(all, of_production);
    let [digest] = digests.as_slice() else { panic!("one: {}", digests.len()) };
    assert_eq!(digest.headline(), "3000 more deployments in 2 environments: STUCK");
    assert_eq!(digest.subject(), digest.headline());
    assert_eq!(digest.entries[0].environment.as_str(), "production");
    assert_eq!((digest.more(), digest.list().as_str()), (2950, "/v1/deployments/active"));
    let text = digest.text();
    assert!(text.contains("cart in production, d-5998 at 2026-03-01T12:00:05.998Z"), "{text}");
    assert!(text.contains("and 2980 more\n"), "{text}");
    assert!(text.contains("All of them: GET /v1/deployments/active"), "{text}");
}

#[test]
fn names_that_do_not_fit_into_one_message_come_in_several() {
    let long = |n: usize| format!("{n:04}{}", "ü".repeat(120));
    let digests = digests((0..1000).map(|n| held(2 * n, &long(n), 0)).collect(), of_production);
    assert!((5..10).contains(&digests.len()), "{}", digests.len());
    assert_eq!(digests.iter().map(|digest| digest.entries.len()).sum::<usize>(), 1000);
    for digest in &digests {
        let names: Vec<&str> = digest.environments().keys().map(|name| name.as_str()).collect();
        assert!(serde_json::to_string(&names).unwrap().len() <= NAMES + 2);
    }
}

#[test]
fn what_is_held_is_due_when_its_minute_is_over() {
    let one = held(0, "production", 0);
    assert!(!one.is_due(one.minute.plus_millis(59_999)));
    assert!(one.is_due(one.minute.plus_millis(60_000)));
}

proptest! {
    /// Nothing is lost and nothing is said twice, in whatever order it comes and however often.
    #[test]
    fn each_is_in_one_digest_whatever_the_order(
        ones in proptest::collection::vec((0usize..40, 0usize..4, 0i64..3), 0..80),
        again in any::<prop::sample::Index>(),
    ) {
        let names = ["production", "staging", "a", "b"];
        // One deployment is held once.
        let distinct: BTreeMap<usize, Held> =
            ones.iter().map(|(n, name, minute)| (*n, held(*n, names[*name], *minute))).collect();
        let all: Vec<Held> = distinct.into_values().collect();
        let made = digests(all.clone(), of_production);
        let mut ids: Vec<&str> = made.iter().flat_map(|d| &d.entries).map(|held| held.dedupe_id.as_str()).collect();
        ids.sort_unstable();
        let mut expected: Vec<&str> = all.iter().map(|held| held.dedupe_id.as_str()).collect();
        expected.sort_unstable();
        prop_assert_eq!(ids, expected);
        let mut other: Vec<Held> = all.iter().rev().cloned().collect();
        if !all.is_empty() {
            other.push(all[again.index(all.len())].clone());
        }
        prop_assert_eq!(digests(other, of_production), made.clone());
        let dedupe: BTreeSet<String> = made.iter().map(Digest::dedupe_id).collect();
        prop_assert_eq!(dedupe.len(), made.len());
    }
}
