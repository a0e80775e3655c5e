//! Anchors that the witness makes are those that one machine makes, signed, and each is told once.

use domain::Retention;
use domain::anchors::{ChainEntry, Extent, next};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::json;
use tests::witnessing::{scheduled, told, witness};
use tests::world::at;
use tests::{Vault, World};

use super::{DAY, export, record, series, wrong};

/// The metric that says how long ago it was up to when the last anchor is closed.
fn ages(world: &World) -> Vec<f64> {
    let data = world.wire.metrics().into_iter().flat_map(|call| call["MetricData"].as_array().unwrap().clone());
    let ages = data.filter(|datum| datum["MetricName"] == "AnchorAge" && datum["Unit"] == "Seconds");
    ages.map(|datum| datum["Values"][0].as_f64().unwrap()).collect()
}

#[tokio::test]
async fn each_closed_day_is_anchored_once_and_nothing_is_left_out() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    record(&world, "d-2", 60).await;
    // At noon the day is not closed.
    assert_eq!(scheduled(&witness, at(120)).await.unwrap(), [1], "the days before, of which there is nothing");
    assert_eq!(scheduled(&witness, at(3720)).await.unwrap(), [] as [u64; 0]);
    // A quarter past midnight it is.
    assert_eq!(scheduled(&witness, at(12 * 3600 + 15 * 60)).await.unwrap(), [2]);
    record(&world, "d-2", DAY).await;
    assert_eq!(scheduled(&witness, at(3 * DAY)).await.unwrap(), [3], "two days at once");

    let series = series(&vault);
    let records: Vec<_> = series.anchors().iter().map(|anchor| &anchor.record).collect();
    let said: Vec<_> = records.iter().map(|record| (record.day.as_str(), record.size)).collect();
    assert_eq!(said, [("2026-02-28", 0), ("2026-03-01", 2), ("2026-03-03", 1)]);
    assert_eq!(series.anchored("DEPLOYMENT#d-2"), 2);
    assert_eq!(vault.names().iter().filter(|name| name.strip_suffix(".json").is_some()).count(), 3);
    assert_eq!(wrong(&export(&world, 3).await, &vault), []);
}

#[tokio::test]
async fn an_anchor_is_made_of_the_moment_on_request_and_the_next_goes_on_there() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    let answer = witness.handle(r#"{"anchor":"now"}"#, at(60)).await.unwrap();
    assert_eq!(answer["anchors"][0]["record"]["size"], 1, "{answer}");
    assert_eq!(answer["anchors"][0]["record"]["closedUntil"], json!(at(-14 * 60)));
    // Recorded before the anchor was made, and after the time up to which it is closed.
    record(&world, "d-2", 30).await;
    record(&world, "d-1", 90).await;
    witness.handle(r#"{"anchor":"now"}"#, at(120)).await.unwrap();
    assert_eq!(scheduled(&witness, at(DAY)).await.unwrap(), [3]);
    let series = series(&vault);
    let leaves: Vec<Vec<(&str, u64)>> = series
        .anchors()
        .iter()
        .map(|anchor| anchor.leaves.iter().map(|leaf| (leaf.subject.as_str(), leaf.sequence)).collect())
        .collect();
    assert_eq!(
        leaves,
        [vec![("DEPLOYMENT#d-1", 1)], vec![("DEPLOYMENT#d-1", 2), ("DEPLOYMENT#d-2", 1)], vec![]],
        "each entry is in one anchor"
    );
    assert_eq!(wrong(&export(&world, 1).await, &vault), []);
}

#[tokio::test]
async fn months_that_were_not_anchored_come_in_parts() {
    let (world, vault) = (World::new().await, Vault::default());
    record(&world, "d-1", -40 * DAY).await;
    record(&world, "d-2", 0).await;
    record(&world, "d-1", 40 * DAY).await;
    let witness = witness(&world, &vault, Retention::FOREVER);
    assert_eq!(scheduled(&witness, at(41 * DAY)).await.unwrap(), [1, 2, 3]);
    let series = series(&vault);
    let sizes: Vec<usize> = series.anchors().iter().map(|anchor| anchor.record.size).collect();
    assert_eq!(sizes, [1, 1, 1]);
    assert_eq!(series.last().unwrap().record.closed_until, Extent::of_closed_days(at(41 * DAY)).closed_until);
}

#[tokio::test]
async fn an_anchor_is_signed_by_the_key_and_by_no_other() {
    let (world, vault) = (World::new().await, Vault::default());
    record(&world, "d-1", 0).await;
    scheduled(&witness(&world, &vault, Retention::FOREVER), at(DAY)).await.unwrap();
    let by = |vault: &Vault| {
        let der = vault.public_key().lines().filter(|line| !line.starts_with('-')).collect::<String>();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, der).unwrap();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, der[26..].to_vec());
        series(vault).unsigned(|text, signature| key.verify(text, signature).is_ok())
    };
    assert_eq!(by(&vault), []);
    let export = export(&world, 1).await;
    assert_eq!(wrong(&export, &vault), []);

    // Made anew by someone who holds no key: all hashes are right, and the signature is of another anchor.
    let other = Vault::default();
    let forged = vault.read("000001.json").unwrap();
    let signature = serde_json::from_str::<serde_json::Value>(&forged).unwrap()["signature"].clone();
    record(&world, "d-2", 1).await;
    scheduled(&witness(&world, &other, Retention::FOREVER), at(DAY)).await.unwrap();
    assert_eq!(by(&other), []);
    other.forge("000001.json", |anchor| anchor["signature"] = signature);
    assert!(by(&other)[0].what.contains("was signed by someone else"), "{:?}", by(&other));
    other.forge("000001.json", |anchor| drop(anchor.as_object_mut().unwrap().remove("signature")));
    assert!(by(&other)[0].what.contains("is not signed"), "{:?}", by(&other));
}

#[tokio::test]
async fn each_anchor_is_told_with_its_root_and_how_old_the_last_one_is() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    scheduled(&witness, at(DAY)).await.unwrap();
    scheduled(&witness, at(DAY + 3600)).await.unwrap();
    let anchor = series(&vault).anchors()[0].clone();
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0],
        json!({"type": "ANCHORED", "severity": "info", "dedupeId": format!("anchor:{}", anchor.hash),
            "record": anchor.record, "hash": anchor.hash})
    );
    let message = &world.wire.messages()[0];
    assert_eq!(message["Subject"], "Anchor 1 of 2026-03-01");
    assert!(message["Message"].contains(&anchor.record.root));
    assert_eq!(ages(&world), [43_200.001, 46_800.001], "noon and an hour later, since midnight");
}

#[tokio::test]
async fn anchors_that_were_altered_are_followed_by_none() {
    type Change = fn(&Vault);
    let changes: [(Change, &str); 4] = [
        (|vault| vault.forge("000002.json", |anchor| anchor["record"]["size"] = json!(7)), "was altered"),
        (|vault| vault.remove("000001.json"), "anchor 1 is missing"),
        (
            |vault| vault.forge("000002.json", |anchor| anchor["record"]["number"] = json!(9)),
            "000002.json has anchor 9",
        ),
        (|vault| vault.forge("000002.json", |anchor| anchor.as_object_mut().unwrap().clear()), "is no anchor"),
    ];
    for (change, says) in changes {
        let (world, vault) = (World::new().await, Vault::default());
        let witness = witness(&world, &vault, Retention::FOREVER);
        record(&world, "d-1", 0).await;
        scheduled(&witness, at(DAY)).await.unwrap();
        record(&world, "d-1", DAY).await;
        scheduled(&witness, at(2 * DAY)).await.unwrap();
        change(&vault);
        let failed = scheduled(&witness, at(3 * DAY)).await.unwrap_err().to_string();
        assert!(failed.contains(says), "{failed}");
        assert!(!vault.names().contains(&"000003.json".to_owned()));
    }
}

#[tokio::test]
async fn of_an_anchor_that_was_written_again_the_oldest_version_counts() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    scheduled(&witness, at(DAY)).await.unwrap();
    vault.overwrite("000001.json", "{}");
    assert_eq!(scheduled(&witness, at(2 * DAY)).await.unwrap(), [2]);
    assert_eq!(wrong(&export(&world, 2).await, &vault), []);
}

#[tokio::test]
async fn the_witness_reads_no_more_of_the_anchors_than_the_last_ones() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    for day in 0..8 {
        record(&world, "d-1", day * DAY).await;
        scheduled(&witness, at((day + 1) * DAY)).await.unwrap();
    }
    vault.reset();
    world.wire.reset();
    assert_eq!(scheduled(&witness, at(8 * DAY + 3600)).await.unwrap(), [] as [u64; 0]);
    let reads = vault.calls().iter().filter(|call| call.contains("versionId=")).count();
    assert_eq!(reads, 2, "{:?}", vault.calls());
    assert_eq!(world.wire.count("Query"), 0, "where nothing is to be anchored, the history is not read");
}

#[tokio::test]
async fn a_false_anchor_that_the_key_signed_contradicts_the_history() {
    let (world, vault) = (World::new().await, Vault::default());
    let witness = witness(&world, &vault, Retention::FOREVER);
    record(&world, "d-1", 0).await;
    scheduled(&witness, at(DAY)).await.unwrap();
    // Whoever holds the role of the witness anchors a second day that was another one.
    let before = series(&vault);
    let entry = ChainEntry { sequence: 2, recorded_at: at(DAY), hash: "f".repeat(64) };
    let chains = [("DEPLOYMENT#d-1".to_owned(), vec![entry])].into();
    let mut forged = next(&before, &chains, Extent::of_closed_days(at(2 * DAY))).unwrap();
    forged.signature = Some(vault.signature(&forged.record.text()));
    vault.overwrite(&forged.vault_name(), &forged.text());
    record(&world, "d-1", DAY).await;
    let wrong = wrong(&export(&world, 2).await, &vault);
    assert_eq!(wrong[0].day, "2026-03-02", "{wrong:?}");
}
