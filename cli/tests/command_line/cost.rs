//! `cost`: what was used and what it costs, and nothing that is not known.

use serde_json::{Value, json};

use crate::called::Shell;
use crate::server::{Double, with_demo};

/// What an installation of a middling size used by the middle of a month.
fn usage() -> Value {
    json!({
        "month": "2026-11", "to": "2026-11-15", "days": 15, "daysOfMonth": 30, "events": 64_800, "metricSets": 61,
        "mostMetricSets": 500,
    })
}

/// The sample in docs/cli.md: the command without its answer.
const SAMPLE: &str = "$ deployment-status cost --requests 40000\n";

#[test]
fn the_sample_in_the_guide_is_what_the_command_prints() {
    let double = Double::always(200, &[], &usage().to_string());
    let printed = Shell::at(&double.url).call(&["cost", "--requests", "40000"]);
    assert_eq!(printed.code, 0);
    let printed = printed.stderr + &printed.stdout;
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(SAMPLE).expect("the sample");
    let (sample, after) = rest.split_once("```\n").expect("its end");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, format!("{before}{SAMPLE}{printed}```\n{after}")).unwrap();
    } else {
        assert_eq!(sample, printed, "UPDATE_GOLDEN=1 records it anew");
    }
}

#[test]
fn requests_that_nobody_counted_cost_nothing_that_is_claimed() {
    let double = Double::always(200, &[], &usage().to_string());
    let printed = Shell::at(&double.url).call(&["cost", "-o", "text"]);
    let lines: Vec<String> = printed.succeeded().lines().map(str::to_owned).collect();
    assert_eq!(lines[1], "requests that ask\t\t\t\t");
    assert_eq!(lines[0], "events\t64800\t1.86\t3.72\t37.16");
    assert_eq!(lines[2], "metric sets, at most\t61\t64.05\t128.10\t1050.00", "the bound of the settings holds");
    assert!(lines[5].starts_with("sum of what is known\t\t"), "{lines:?}");
    let table = Shell::at(&double.url).call(&["cost"]);
    assert!(table.stderr.contains("Requests are not counted"), "{}", table.stderr);
}

#[test]
fn prices_of_a_file_are_taken_and_each_wrong_field_of_it_is_named() {
    let double = Double::always(200, &[], &usage().to_string());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("prices.json");
    let call = |prices: Value| {
        std::fs::write(&path, prices.to_string()).unwrap();
        Shell::at(&double.url).call(&["cost", "-o", "json", "--prices", path.to_str().unwrap()])
    };
    let mut prices = json!({
        "name": "ours", "asOf": "2026-11-01", "currency": "EUR", "millionEvents": 1_000_000, "millionRequests": 0,
        "metricSet": 0, "gigabyte": 0, "bytesPerEvent": 1, "idle": 0,
    });
    let answer: Value = call(prices.clone()).succeeded().parse().unwrap();
    assert_eq!((&answer["sum"]["soFar"], &answer["prices"]["currency"]), (&json!(64_800.0), &json!("EUR")));
    prices["idle"] = json!("free");
    prices["gigabit"] = json!(1);
    let refused = call(prices);
    assert_eq!(refused.code, 2);
    for field in ["idle", "gigabit"] {
        assert!(refused.stderr.contains(field), "{}", refused.stderr);
    }
}

#[test]
fn a_real_server_counts_its_events_and_refuses_the_future() {
    let shell = Shell::at(&with_demo());
    let answer: Value = shell.call(&["cost", "-o", "json"]).succeeded().parse().unwrap();
    // The demo history is of the last days: at the beginning of a month few of its events are of this month.
    assert!(answer["usage"]["events"].as_u64() > Some(0), "{answer}");
    assert!(answer["items"][0]["soFar"].as_f64() > Some(0.0), "{answer}");
    let future = shell.call(&["cost", "--as-of", "2099-01-01"]);
    assert_ne!(future.code, 0);
    assert!(future.stderr.contains("asOf"), "{}", future.stderr);
}
