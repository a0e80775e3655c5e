//! `verify --all`, `export`, and an export by its anchors.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::anchors::{Anchor, ChainEntry, Extent, Series, next};
use domain::export::{Export, Line};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};

use super::recorded;
use crate::called::Shell;

/// What stands before the point of a key on P-256 in its public form.
const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200";

#[test]
fn everything_that_was_recorded_is_verified_day_by_day() {
    let shell = Shell::at(&recorded());
    let printed = shell.call(&["verify", "--all"]).succeeded();
    assert_eq!(printed, "intact: 1 chains of 7 days\n");
    let json = shell.call(&["verify", "--all", "--since", "2.days.ago", "-o", "json"]).succeeded();
    assert_eq!(json, "{\"broken\":[],\"chains\":1,\"days\":3,\"intact\":true}\n");
    assert!(shell.call(&["verify"]).failed(2).contains("required"));
}

#[test]
fn an_export_is_proven_by_anchors_without_the_api() {
    let shell = Shell::at(&recorded());
    let printed = shell.call(&["export", "--since", "yesterday"]).succeeded();
    assert_eq!(printed.lines().count(), 4, "a header and three events: {printed}");
    for (environment, lines) in [("e", 4), ("other", 1)] {
        let of_one = shell.call(&["export", "--since", "yesterday", "-e", environment]);
        assert_eq!((of_one.code, of_one.stdout.lines().count()), (0, lines), "{environment}");
        assert_eq!(of_one.stderr, format!("Only deployments to {environment}, without settings and releases.\n"));
    }

    let export = Export::read(&printed).unwrap();
    assert_eq!(export.verify(&Series::default()), []);
    let entries: Vec<ChainEntry> = printed
        .lines()
        .filter_map(|line| match serde_json::from_str(line).unwrap() {
            Line::Event(line) => {
                Some(ChainEntry { sequence: line.sequence, recorded_at: line.recorded_at, hash: line.hash })
            }
            _ => None,
        })
        .collect();
    let now = export.header.made_at;
    let anchor = next(&Series::default(), &[("DEPLOYMENT#d".to_owned(), entries)].into(), Extent::up_to(now)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(anchor.file_name()), anchor.text()).unwrap();
    let file = folder.path().join("export.jsonl");
    let proven = |text: &str| {
        std::fs::write(&file, text).unwrap();
        shell.call(&["verify", "--export", file.to_str().unwrap(), "--anchors", folder.path().to_str().unwrap()])
    };
    assert_eq!(proven(&printed).succeeded(), "intact: 3 events of 1 chains, by 1 anchors\n");
    let day = anchor.record.day.clone();
    let forged = proven(&printed.replace("ROLLED_BACK", "COMPLETED"));
    assert_eq!((forged.code, forged.stdout.as_str()), (5, "broken: 3 events of 1 chains, by 1 anchors\n"));
    assert!(forged.stderr.contains(&format!("the export is not what was recorded, since {day}")), "{}", forged.stderr);

    // Signed by a key, and not.
    let random = SystemRandom::new();
    let made = || {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref(), &random).unwrap()
    };
    let (signing, other) = (made(), made());
    let der = |key: &EcdsaKeyPair| {
        let der = [hex::decode(P256).unwrap(), key.public_key().as_ref().to_vec()].concat();
        STANDARD.encode(der)
    };
    let key_file = folder.path().join("key.pem");
    let with_key = |key: &str, code: i32, says: &str| {
        std::fs::write(&key_file, key).unwrap();
        std::fs::write(&file, &printed).unwrap();
        let (file, anchors) = (file.to_str().unwrap(), folder.path().to_str().unwrap());
        let key = key_file.to_str().unwrap();
        let called = shell.call(&["verify", "--export", file, "--anchors", anchors, "--key", key]);
        assert!(called.code == code && called.stderr.contains(says), "{code} {says}: {called:?}");
    };
    with_key(&der(&signing), 5, "anchor 1: is not signed");
    let signature = signing.sign(&random, anchor.record.text().as_bytes()).unwrap();
    let signed = Anchor { signature: Some(STANDARD.encode(signature)), ..anchor.clone() };
    std::fs::write(folder.path().join(anchor.file_name()), signed.text()).unwrap();
    with_key(&der(&signing), 0, "");
    with_key(&der(&other), 5, "anchor 1: was signed by someone else");
    let pem = |key: &EcdsaKeyPair| format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", der(key));
    with_key(&(pem(&other) + &pem(&signing)), 0, "");
    with_key("no key", 1, "key.pem: it must be a public key of ECDSA on P-256");
    // As it stands in a bucket: named by its number alone.
    std::fs::rename(folder.path().join(anchor.file_name()), folder.path().join("000001.json")).unwrap();
    with_key(&der(&signing), 0, "");
    let none = folder.path().join("none");
    std::fs::create_dir(&none).unwrap();
    let nothing = shell.call(&["verify", "--export", file.to_str().unwrap(), "--anchors", none.to_str().unwrap()]);
    assert!(nothing.failed(1).contains("there is no anchor in this folder"));
}
