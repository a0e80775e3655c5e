//! `verify` after a change with recomputed hashes.

use domain::identifiers::Identifier as _;
use domain::{DeploymentId, json as digest};
use serde_json::json;

use super::answers::{ServerAnswers, hash, problems, text, verify};
use super::recorded;

#[test]
fn one_that_hides_an_altered_event_behind_its_own_hash_breaks_the_chain() {
    let mut altered = ServerAnswers::of(&recorded());
    altered.trail[1]["producer"] = json!("somebody else");
    let id = DeploymentId::parse("d").unwrap();
    altered.trail[1]["hash"] = json!(hash(&id, &altered.trail[1]));
    // An event's key and its summary know its producer too.
    assert_eq!(
        problems(&altered),
        [
            "event 2 has a key that is not its own",
            "event 3 does not follow the event before it",
            "the summary does not match the events: flags, reportedBy"
        ]
    );

    let mut altered = ServerAnswers::of(&recorded());
    altered.trail[2]["occurredAt"] = json!("2026-01-01T00:00:00.000Z");
    altered.trail[2]["hash"] = json!(hash(&id, &altered.trail[2]));
    let found = problems(&altered);
    assert!(found.contains(&"the last event's hash is not the head hash of the summary".to_owned()), "{found:?}");

    let mut altered = ServerAnswers::of(&recorded());
    let payload = digest::sha256_hex(&digest::canonical(&json!({"deploymentId": "d", "status": "LOST"})).unwrap());
    altered.trail[2]["event"] = json!({"deploymentId": "d", "status": "LOST"});
    altered.trail[2]["payloadHash"] = json!(payload);
    altered.trail[2]["hash"] = json!(hash(&id, &altered.trail[2]));
    let printed = problems(&altered);
    assert!(printed[0].starts_with("event 3 can't be parsed: unknown variant `LOST`"), "{printed:?}");
    assert_eq!(printed[1..], ["the last event's hash is not the head hash of the summary"], "there is no fold of it");
}

#[test]
fn a_chain_that_was_written_anew_is_found_by_a_head_that_was_noted() {
    let real = ServerAnswers::of(&recorded());
    let noted: Vec<&str> = real.trail.iter().map(|event| text(event, "hash")).collect();
    let mut forged = real.clone();
    forged.trail[1]["event"]["status"] = json!("COMPLETED");
    let forged = forged.chained_anew(1);
    let head = text(&forged.verification, "headHash");
    assert_eq!(verify(&forged, &[]).succeeded(), format!("intact\td\t3\t{head}\n"), "by itself it is right");
    assert_eq!(verify(&forged, &["--head", noted[0]]).code, 0, "up to here it is what it was");
    for head in &noted[1..] {
        let called = verify(&forged, &["--head", &head[..10]]);
        assert_eq!(called.code, 5, "{called:?}");
        assert!(called.stderr.ends_with(&format!(
            "  no event has the hash {}: the history was changed since that hash was stored\n",
            &head[..10]
        )));
    }
    for said in [json!({"occurredAt": "2024-03-01T12:00:01.000Z"}), json!({"deploymentId": "e"})] {
        let mut forged = real.clone();
        forged.trail[2]["event"].as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
        let printed = problems(&forged.chained_anew(1));
        assert!(printed.iter().any(|problem| problem.starts_with("event 3 ")), "{printed:?}");
    }
    let mut forged = real.clone();
    forged.trail[2]["recordedAt"] = json!("2024-03-01T12:00:00.000Z");
    assert_eq!(
        problems(&forged.chained_anew(2)),
        ["event 3 has an earlier time of recording than the event before it"]
    );
    let mut forged = real.clone();
    forged.trail[1]["previousRecordedAt"] = json!("2024-03-01T12:00:00.000Z");
    for at in [1, 2] {
        let before = forged.trail[at - 1]["hash"].clone();
        forged.trail[at]["previousHash"] = before;
        forged.trail[at]["hash"] = json!(hash(&DeploymentId::parse("d").unwrap(), &forged.trail[at]));
    }
    forged.verification["headHash"] = forged.trail[2]["hash"].clone();
    assert_eq!(problems(&forged), ["event 2 does not follow the event before it"], "not by its time");
    let mut forged = real.clone().chained_anew(0);
    forged.trail[0]["eventKey"] = forged.trail[1]["eventKey"].clone();
    forged.trail[0]["hash"] = json!(hash(&DeploymentId::parse("d").unwrap(), &forged.trail[0]));
    assert_eq!(problems(&forged)[0], "event 1 has a key that is not its own");
}

#[test]
fn a_head_that_fits_two_hashes_is_not_enough() {
    let mut altered = ServerAnswers::of(&recorded());
    altered.trail[0]["hash"] = json!("abcdef01".repeat(8));
    altered.trail[1]["hash"] = json!("abcdef0123456789".repeat(4));
    let printed = verify(&altered, &["--head", "abcdef01"]).failed(2);
    assert_eq!(printed, "deployment-status: 2 hashes of the chain begin with abcdef01; use more digits\n");
    assert_eq!(verify(&altered, &["--head", "abcdef012"]).code, 5);
}
