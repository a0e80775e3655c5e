//! What was measured of deployments of a version: whether it is proven, and whether it is bad.

use serde_json::json;

use super::*;

/// That a deployment of 2.8.0 went badly.
fn badly(environment: &str, id: &str, since: Timestamp) -> MeasuredBadly {
    MeasuredBadly {
        environment: Environment::parse(environment).unwrap(),
        deployment_id: DeploymentId::parse(id).unwrap(),
        thing: question(environment, since).thing,
        since,
        why: "healthScore was 61, below 80 at 09:00".to_owned(),
    }
}

fn landed_by(id: &str, landed: Timestamp) -> Course {
    Course { landed: [key(landed, id, Effect::Completed)].into(), ..Course::default() }
}

#[test]
fn what_went_badly_where_it_landed_is_not_proven_there_and_is_bad_along_the_path() {
    let settings = settings(&json!({"notBad": true, "provenIn": "staging", "soakMinutes": 1}), &json!([]));
    let (before, then) = (at("01T08:00:00"), at("01T09:00:00"));
    let (passed, failed) = (CheckOutcome::Passed, CheckOutcome::Failed);
    let staging = || badly("staging", "s-1", then);
    for (measured, expected) in [
        (vec![], [passed, passed]),
        (vec![staging()], [failed, failed]),
        (vec![badly("production", "p-1", then)], [passed, failed]),
        (vec![staging(), badly("production", "p-1", then)], [failed, failed]),
        // What landed elsewhere under the name of the same environment is told by the deployment.
        (vec![badly("stage", "s-1", then)], [failed, failed]),
        // A deployment of which nothing landed where it is asked for.
        (vec![badly("staging", "s-9", then)], [passed, passed]),
    ] {
        let courses = [("staging", "s-1"), ("production", "p-1")];
        let courses = courses.map(|(name, id)| (Environment::parse(name).unwrap(), landed_by(id, before)));
        let facts = Facts {
            proven: landed_by("s-1", before),
            courses: courses.into(),
            measured: measured.clone(),
            ..Facts::default()
        };
        let question = question("production", at("01T12:00:00"));
        let found = [CheckName::ProvenIn, CheckName::NotBad].map(|name| check(name, &settings, &question, &facts));
        assert_eq!([found[0].outcome, found[1].outcome], expected, "{measured:?}");
    }
}

#[test]
fn it_says_what_was_measured_and_what_would_make_it_pass_whether_or_not_it_landed_again() {
    let settings = settings(&json!({"provenIn": "staging"}), &json!([]));
    let (first, again) = (at("01T08:00:00"), at("01T10:00:00"));
    let mut proven = landed_by("s-1", first);
    proven.landed.insert(key(again, "s-2", Effect::Completed));
    let measured = vec![badly("staging", "s-1", first), badly("staging", "s-2", again)];
    let facts = Facts { proven, measured, ..Facts::default() };
    let question = question("production", at("01T12:00:00"));
    let found = check(CheckName::ProvenIn, &settings, &question, &facts);
    let says = "2.8.0 went badly in staging (s-2): healthScore was 61, below 80 at 09:00; it passes once it is \
                cleared: deployment-status bad clear cart@2.8.0 --reason WHY";
    assert_eq!(found, Check::failed(CheckName::ProvenIn, says).with([Evidence::measured(&facts.measured[1])]));
    // Of the first alone: to land again proves nothing.
    let facts = Facts { measured: facts.measured[..1].to_vec(), ..facts };
    let found = check(CheckName::ProvenIn, &settings, &question, &facts);
    assert_eq!(found.evidence, [Evidence::measured(&facts.measured[0])]);
    assert_eq!(check(CheckName::NotBad, &settings, &question, &facts).outcome, CheckOutcome::NotAsked);
}
