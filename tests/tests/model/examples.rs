//! The rules of landings and regions by examples whose answers are known: the model has to be right before
//! it is compared with anything.

use serde_json::{Value, json};

use super::cells;
use super::log::{Effect, Ending};

/// An ending in a short form: deployment, what it did, version, commit, region.
type Short = (&'static str, Did, &'static str, &'static str, &'static str);

#[derive(Clone, Copy)]
enum Did {
    Completed,
    Failed,
    Removed,
    RolledBack,
    RolledBackTo(&'static str),
    Retired,
    TornDown,
}

use Did::{Completed, Failed, Removed, Retired, RolledBack, RolledBackTo, TornDown};

/// The log of these, a second apart; an empty text is nothing.
fn log(short: &[Short]) -> Vec<Ending> {
    let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let endings = (0..).zip(short).map(|(second, (deployment, did, version, commit, region))| Ending {
        moment: (second * 1000, true),
        deployment: (*deployment).to_owned(),
        effect: match did {
            Completed => Effect::Completed,
            Failed => Effect::Failed,
            Removed => Effect::Removed,
            Retired => Effect::Retired,
            RolledBack | RolledBackTo(_) => Effect::RolledBack,
            TornDown => Effect::TornDown,
        },
        version: named(version),
        commit: named(commit),
        region: named(region),
        rollback_to: if let RolledBackTo(version) = did { named(version) } else { None },
    });
    endings.collect()
}

/// The change that each ending brought.
fn changes(short: &[Short]) -> Vec<Option<&'static str>> {
    let log = log(short);
    let log: Vec<&Ending> = log.iter().collect();
    (0..log.len()).map(|place| cells::change_at(&log, place)).collect()
}

/// The cell after all of these.
fn cell(short: &[Short]) -> Value {
    let log = log(short);
    let place = ("production".to_owned(), "cart".to_owned());
    cells::cell(&place, &log.iter().collect::<Vec<_>>()).unwrap_or(Value::Null)
}

/// The version that each listed region runs.
fn regions(cell: &Value) -> Vec<(&str, Option<&str>)> {
    let regions = cell["regions"].as_array().unwrap().iter();
    regions.map(|region| (region["region"].as_str().unwrap(), region["version"].as_str())).collect()
}

const FORWARD: Option<&str> = Some("forward");
const BACK: Option<&str> = Some("rollback");
const AGAIN: Option<&str> = Some("redeploy");

#[test]
fn a_landing_is_forward_back_or_again_by_what_it_is() {
    let of = |things: &[(&'static str, &'static str)]| {
        let short: Vec<Short> =
            things.iter().map(|(version, commit)| ("d", Completed, *version, *commit, "")).collect();
        changes(&short)
    };
    assert_eq!(of(&[("main", "s1"), ("main", "s2"), ("main", "s1")]), [FORWARD, FORWARD, BACK]);
    assert_eq!(of(&[("v1", "s1"), ("main", "s1")]), [FORWARD, AGAIN], "a tag and a branch of one commit");
    assert_eq!(of(&[("1", "a"), ("2", "b"), ("1", "a"), ("2", "b")]), [FORWARD, FORWARD, BACK, FORWARD]);
    assert_eq!(of(&[("1", "a"), ("1", "")]), [FORWARD, AGAIN], "by its version, where one has no commit");
    assert_eq!(of(&[("1", "a"), ("1", "b")]), [FORWARD, FORWARD], "by its commit, where both have one");
    assert_eq!(of(&[("", ""), ("1", "a")]), [None, FORWARD], "it never landed, whatever it replaces");
    assert_eq!(of(&[("1", "a"), ("", ""), ("1", "a")]), [FORWARD, None, None], "it may be what it replaces");
}

#[test]
fn what_is_rolled_back_to_is_called_by_what_landed() {
    let back = [
        ("a", Completed, "1", "s1", ""),
        ("b", Completed, "2", "s2", ""),
        ("b", RolledBack, "2", "s2", ""),
        ("c", Completed, "2", "s2", ""),
        ("c", RolledBackTo("1"), "2", "s2", ""),
        ("d", Failed, "3", "s3", ""),
    ];
    assert_eq!(changes(&back), [FORWARD, FORWARD, BACK, FORWARD, BACK, None]);
    let cell = cell(&back);
    assert_eq!((&cell["version"], &cell["commit"], &cell["deploymentId"]), (&json!("1"), &json!("s1"), &json!("a")));
    assert_eq!((&cell["rollback"], &cell["change"]), (&json!(true), &json!("rollback")));
    assert_eq!(cell["lastAttempt"]["deploymentId"], "d");

    let unheard = [
        ("a", Completed, "1", "s1", ""),
        ("b", RolledBackTo("47"), "1", "s1", ""),
        ("c", Completed, "2", "s2", ""),
        ("d", Completed, "47", "", ""),
        ("d", RolledBack, "47", "", ""),
    ];
    // That 47 had run before nobody said; from then on it has.
    assert_eq!(changes(&unheard), [FORWARD, FORWARD, FORWARD, BACK, FORWARD]);
}

#[test]
fn where_nothing_runs_what_lands_goes_forward() {
    let removed = [
        ("a", Completed, "1", "", ""),
        ("b", Removed, "", "", ""),
        ("c", Completed, "1", "", ""),
        ("c", TornDown, "1", "", ""),
    ];
    assert_eq!(changes(&removed), [FORWARD, None, FORWARD, None]);
    assert_eq!((cell(&removed[..2]), cell(&removed)), (Value::Null, Value::Null));
    let failed = cell(&[removed[0], removed[1], ("d", Failed, "2", "", "")]);
    assert_eq!((&failed["version"], &failed["lastAttempt"]["status"]), (&Value::Null, &json!("FAILED")));
}

#[test]
fn a_retirement_leaves_nothing_to_go_back_to_and_is_no_attempt() {
    let (east, west) = ("eu-west-1", "us-west-2");
    let retired = [
        ("a", Completed, "1", "", east),
        ("b", Completed, "2", "", west),
        ("environment:production", Retired, "", "", ""),
        ("b", RolledBack, "2", "", west),
        ("c", Completed, "1", "", east),
    ];
    assert_eq!(cell(&retired[..3]), Value::Null);
    assert_eq!(changes(&retired), [FORWARD, FORWARD, None, None, FORWARD]);
    let back = cell(&retired[..4]);
    assert_eq!(regions(&back), [(west, None)], "in the east nothing was tried since");
    assert_eq!(back["lastAttempt"]["status"], "ROLLED_BACK");
    let failed = cell(&[retired[0], retired[2], ("d", Failed, "2", "", "")]);
    assert_eq!((&failed["version"], &failed["lastAttempt"]["deploymentId"]), (&Value::Null, &json!("d")));
}

#[test]
fn after_a_long_run_of_rollbacks_the_origin_is_still_known() {
    let mut short = vec![("d0", Completed, "47", "s47", "")];
    let others = ["d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"];
    short.extend(others.map(|id| (id, Completed, id, id, "")));
    short.push(("d9", RolledBackTo("47"), "d9", "d9", ""));
    short.extend(
        ["e0", "e1", "e2", "e3", "e4", "e5", "e6", "e7", "e8", "e9", "ea"].map(|id| (id, RolledBack, "", "", "")),
    );
    let cell = cell(&short);
    assert_eq!((&cell["version"], &cell["commit"], &cell["deploymentId"]), (&json!("47"), &json!("s47"), &json!("d0")));
    assert_eq!(cell["change"], "redeploy", "it ran before the last of them, too");
}

#[test]
fn a_cell_has_one_version_where_its_regions_agree() {
    let (east, west) = ("eu-west-1", "us-west-2");
    let story = [
        ("a", Completed, "1", "s1", east),
        ("b", Completed, "1", "s1", west),
        ("c", Completed, "2", "s2", east),
        ("d", Failed, "2", "s2", west),
        ("e", Completed, "3", "s3", ""),
        ("f", Removed, "", "", west),
        ("g", Removed, "", "", ""),
    ];
    let one = cell(&story[..1]);
    assert_eq!((regions(&one), &one["version"]), (vec![(east, Some("1"))], &json!("1")));
    let both = cell(&story[..2]);
    assert_eq!((&both["version"], &both["deploymentId"], &both["mixed"]), (&json!("1"), &json!("b"), &json!(false)));
    assert_eq!(both["since"], "2026-03-01T12:00:01.000Z");
    let mixed = cell(&story[..4]);
    assert_eq!(regions(&mixed), [(east, Some("2")), (west, Some("1"))]);
    for field in ["version", "commit", "since", "deploymentId", "change"] {
        assert_eq!((&mixed[field], &mixed["mixed"]), (&Value::Null, &json!(true)), "{field}");
    }
    assert_eq!(mixed["regions"][0]["lastAttempt"]["status"], "COMPLETED");
    assert_eq!(mixed["regions"][1]["lastAttempt"]["status"], "FAILED", "a success elsewhere does not hide it");
    assert_eq!(mixed["lastAttempt"]["deploymentId"], "d");
    let bare = cell(&story[..5]);
    assert_eq!(regions(&bare), [(east, Some("3")), (west, Some("3"))], "one without a region is for all");
    assert_eq!((&bare["deploymentId"], &bare["change"]), (&json!("e"), &json!("forward")));
    let left = cell(&story[..6]);
    assert_eq!(
        (regions(&left), &left["version"]),
        (vec![(east, Some("3"))], &json!("3")),
        "what is empty is not listed"
    );
    assert_eq!(cell(&story), Value::Null);
}

#[test]
fn the_change_of_a_deployment_is_that_which_its_regions_see() {
    let (east, west) = ("eu-west-1", "us-west-2");
    let story = [
        ("a", Completed, "1", "", ""),
        ("b", Completed, "2", "", east),
        ("c", Completed, "1", "", west),
        ("d", Completed, "1", "", ""),
        ("e", Completed, "2", "", ""),
        ("f", Completed, "3", "", ""),
    ];
    // The last but two goes back in the east, and changes nothing in the west; the next is new in the west.
    assert_eq!(changes(&story), [FORWARD, FORWARD, AGAIN, None, FORWARD, FORWARD]);
}
