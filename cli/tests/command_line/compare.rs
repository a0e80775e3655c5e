//! `compare`: what one environment runs beside another.

use serde_json::{Value, json};

use crate::called::Shell;
use crate::history::{get, record, timeless};
use crate::server::{demo, empty};

#[test]
fn each_service_is_told_with_its_relation() {
    let shell = Shell::at(demo());
    let told = timeless(&shell.call(&["compare", "staging", "production"]).succeeded());
    // Without since when.
    let told: Vec<&str> = told.lines().map(|line| line.split(" (").next().unwrap()).collect();
    assert_eq!(
        told,
        [
            "SERVICE RELATION staging production SINCE",
            "catalog behind by 1 4.11.0 4.10.0",
            "checkout behind by 2 2.8.1 2.7.0",
            "invoices missing 0.1.0 - -",
            "notifications behind by 1 3.3.0 3.2.1",
            "payments same 1.19.0 1.19.0 -",
            "profiles behind by 6 5.7.0 5.1.0",
            "search unseen 0.32.1 0.31.1 -",
            "status-page same 1.0.0 1.0.0 -",
        ]
    );
    let text = shell.call(&["compare", "staging", "production", "-o", "text"]).succeeded();
    let fields: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(fields[4], ["payments", "", "same", "", "", "1.19.0", "1.19.0", ""]);
    assert_eq!([&fields[1][..4], &fields[1][5..]].concat(), ["checkout", "", "behind", "2", "2.8.1", "2.7.0", ""]);
}

#[test]
fn one_service_is_told_with_the_deployments_in_between() {
    let shell = Shell::at(demo());
    let told = timeless(&shell.call(&["compare", "staging", "production", "--service", "checkout"]).succeeded());
    assert!(told.contains("\n\nDEPLOYMENT VERSION LANDED TRIGGERED BY LINK\ncheckout-staging-2.8.1 2.8.1 "), "{told}");
    assert!(told.contains("\ncheckout-staging-2.8.0 2.8.0 "), "{told}");
    let told = shell.call(&["compare", "staging", "production", "--service", "payments"]).succeeded();
    assert!(!told.contains("DEPLOYMENT"), "{told}");
}

#[test]
fn regions_that_disagree_have_a_row_each_and_odd_orders_a_note() {
    let url = empty();
    let landed = |id: &str, minute: u32, environment: &str, version: &str, region: Value| {
        json!({"deploymentId": id, "status": "COMPLETED", "occurredAt": format!("2024-03-01T12:{minute:02}:00Z"),
               "service": "cart", "environment": environment, "version": version, "region": region})
    };
    record(
        &url,
        &[
            landed("s-1", 1, "staging", "1.10.0", Value::Null),
            landed("s-2", 2, "staging", "1.9.0", Value::Null),
            landed("p-1", 3, "production", "1.10.0", json!("eu")),
            landed("p-2", 4, "production", "1.9.0", json!("us")),
        ],
    );
    assert_eq!(
        timeless(&Shell::at(&url).call(&["compare", "staging", "production"]).succeeded()),
        "SERVICE RELATION REGION staging production SINCE NOTE\n\
         cart behind by 1 eu 1.9.0 1.10.0 (2024-03-01 12:02:00 +00:00) \
         1.10.0 is the greater version, but landed before 1.9.0\n\
         cart same us 1.9.0 1.9.0 - -\n"
    );
}

#[test]
fn an_environment_stands_beside_itself_as_it_was() {
    let told = timeless(&Shell::at(demo()).call(&["compare", "production@5.days.ago", "production"]).succeeded());
    assert!(told.starts_with("SERVICE RELATION production@5.days.ago production SINCE\n"), "{told}");
    assert!(told.contains("\npayments ahead by 1 1.18.2 1.19.0 "), "{told}");
}

#[test]
fn with_exit_code_a_difference_is_5_and_a_name_that_is_none_is_3() {
    let shell = Shell::at(demo());
    let differs = shell.call(&["compare", "staging", "production", "--exit-code"]);
    assert_eq!((differs.code, differs.stderr.as_str()), (5, "deployment-status: 6 services differ\n"));
    assert!(differs.stdout.contains("checkout"), "{}", differs.stdout);
    shell.call(&["compare", "staging", "staging", "--exit-code"]).succeeded();
    for sides in [["stagging", "production"], ["staging", "prodution"]] {
        let failed = shell.call(&[&["compare"], &sides[..]].concat());
        assert!(failed.failed(3).contains("Did you mean"), "{sides:?}");
    }
}

#[test]
fn json_is_as_it_came() {
    let body = get(demo(), "/v1/compare?from=production&to=production&limit=100");
    let shell = Shell::at(demo());
    let printed = shell.call(&["compare", "production", "production", "-o", "json"]).succeeded();
    assert_eq!(printed, format!("{body}\n"));
}
