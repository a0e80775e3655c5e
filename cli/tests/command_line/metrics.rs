//! `metrics`: figures, trend and stages.

use serde_json::{Value, json};

use crate::called::Shell;
use crate::server::{Double, ReceivedRequest, demo, with_demo};
use crate::terminal::Terminal;

/// An answer of the API with all that it can have.
fn three_days() -> Value {
    let outcomes = |completed: u64, failed: u64, rolled_back: u64, cancelled: u64| {
        json!({"completed": completed,
        "failed": failed, "rolledBack": rolled_back, "cancelled": cancelled})
    };
    let seconds = |count: u64, average: f64, p50: f64, p95: f64, maximum: f64| {
        json!({"count": count,
        "average": average, "p50": p50, "p95": p95, "maximum": maximum})
    };
    let day = |day: u32, outcomes: Value| {
        json!({"from": format!("2026-03-0{day}T12:00:00.000Z"),
        "to": format!("2026-03-0{}T12:00:00.000Z", day + 1), "outcomes": outcomes})
    };
    json!({
        "environment": "production", "environments": {"names": ["production"], "because": "asked"},
        "service": "checkout",
        "from": "2026-03-01T12:00:00.000Z", "to": "2026-03-04T12:00:00.000Z",
        "deployments": outcomes(12, 2, 1, 1),
        "successRate": 80.0,
        "durationSeconds": seconds(12, 245.5, 240.0, 300.0, 4000.0),
        "stages": [
            {"stage": "DEPLOYMENT", "outcomes": outcomes(13, 0, 2, 0), "successRate": 86.666_666_666_666_67,
                "durationSeconds": seconds(13, 119.0, 118.5, 140.0, 3600.0)},
            {"stage": "Größe\u{1b}[2J", "outcomes": outcomes(0, 0, 0, 1), "successRate": null,
                "durationSeconds": null},
        ],
        "dora": {"deploymentsPerDay": 4.333_333_333_333_333,
            "changeFailures": {"undone": 1, "failedAfter": 0, "judgedBad": null, "incidents": 1, "total": 1},
            "changeFailureRate": 7.692_307_692_307_692, "deploymentReworkRate": 15.384_615_384_615_385,
            "medianLeadTimeSeconds": 3360.0, "medianTimeToRestoreSeconds": null},
        "trend": [day(1, outcomes(9, 1, 0, 0)), day(2, outcomes(0, 0, 0, 0)), day(3, outcomes(3, 1, 1, 1))],
    })
}

/// An answer about 92 days. Deployments finished on the last two of them.
fn longest_window() -> Value {
    let day = |day: i64, completed: u64, failed: u64| {
        let from = domain::Timestamp::from_millis(day * 86_400_000);
        json!({"from": from.to_string(), "to": from.plus_millis(86_400_000).to_string(),
            "outcomes": {"completed": completed, "failed": failed, "rolledBack": 0, "cancelled": 0}})
    };
    let mut answer = three_days();
    let trend = (0..92).map(|at| if at < 90 { day(at, 0, 0) } else { day(at, 6, 1) });
    answer["trend"] = trend.collect();
    answer
}

#[test]
fn people_get_figures_a_trend_and_stages() {
    let double = Double::always(200, &[], &three_days().to_string());
    let printed = Shell::at(&double.url).call(&["metrics", "--hours", "72", "-e", "production", "-s", "checkout"]);
    assert_eq!(
        printed.succeeded(),
        "last 3 days, until 2026-03-04 12:00:00 +00:00: checkout in production\n  \
           Deployments             12 completed, 2 failed, 1 rolled back, 1 cancelled\n  \
           Success rate            80 %\n  \
           Duration                average 4m 6s, p50 4m, p95 5m, maximum 1h 6m\n  \
           Deployments per day     4.33\n  \
           Change failure rate     7.7 %\n  \
           Change failures         1: 1 undone, 0 failed after completing, what was measured is not counted, 1 by incidents\n  \
           Rework rate             15.4 %\n  \
           Median lead time        56m\n  \
           Median time to restore  -\n\
         \n\
         Trend: one column is 24 h, the highest is 10\n  \
           Finished      █▁▆\n  \
           Unsuccessful  ▂▁▃\n\
         \n\
         STAGE           COMPLETED  FAILED  ROLLED BACK  SUCCESS RATE     P50     P95  MAX\n\
         DEPLOYMENT             13       0            2        86.7 %  1m 59s  2m 20s   1h\n\
         Größe\\u{1b}[2J          0       0            0             -       -       -    -\n"
    );
}

/// The help must describe the output: a table has the trend, text has not.
#[test]
fn the_help_says_where_the_trend_is() {
    let help = Shell::empty().call(&["metrics", "--help"]).succeeded();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("table draws it as bars, json and jsonl have its numbers, text leaves it out."), "{help}");
    let shell = Shell::at(demo());
    let printed = |output: &str| shell.call(&["metrics", "--hours", "2208", "-o", output]).succeeded();
    assert!(printed("table").contains("\nTrend: one column is 24 h"));
    assert!(printed("json").contains(r#""trend":[{"#) && printed("jsonl").contains(r#""trend":[{"#));
    assert!(!printed("text").contains("trend"));
    assert!(help.contains("1 to 9600 (400 days)"), "{help}");
}

#[test]
fn the_query_has_all_filters() {
    let double = Double::always(200, &[], &three_days().to_string());
    let shell = Shell::at(&double.url).with("DEPLOYMENT_STATUS_ENVIRONMENT", "us east");
    shell.call(&["metrics"]).succeeded();
    shell.call(&["metrics", "-s", "a&b", "--hours", "2208"]).succeeded();
    let requests: Vec<String> = double.requests().iter().map(|request| request.uri.to_string()).collect();
    assert_eq!(
        requests,
        ["/v1/metrics?environment=us%20east&hours=24", "/v1/metrics?environment=us%20east&service=a%26b&hours=2208"]
    );
}

/// An answer with groups and the window before.
fn compared() -> Value {
    let mut answer = three_days();
    let (deployments, dora) = (answer["deployments"].clone(), answer["dora"].clone());
    let group = |name: Value| json!({"name": name, "deployments": deployments, "successRate": 80.0, "dora": dora});
    answer["groups"] = json!([group(json!("=shop")), group(Value::Null)]);
    answer["previous"] = json!({
        "from": "2026-02-26T12:00:00.000Z", "to": "2026-03-01T12:00:00.000Z", "deployments": deployments,
        "successRate": null, "dora": dora,
        "difference": {"successRate": null, "deploymentsPerDay": 0.0, "changeFailureRate": 0.0,
            "deploymentReworkRate": 0.0, "medianLeadTimeSeconds": 0.0, "medianTimeToRestoreSeconds": null},
    });
    answer
}

#[test]
fn groups_and_the_window_before_are_tables_and_csv_is_safe_to_open() {
    let double = Double::always(200, &[], &compared().to_string());
    let shell = Shell::at(&double.url);
    let asked = ["metrics", "--hours", "72", "--by", "team", "--compare-to", "previous"];
    let printed = shell.call(&asked).succeeded();
    assert!(
        printed.contains(
            "\nWINDOW  PER DAY  SUCCESS  FAILURES  REWORK  LEAD TIME  RESTORE\n\
             this       4.33     80 %     7.7 %  15.4 %        56m        -\n\
             before     4.33        -     7.7 %  15.4 %        56m        -\n"
        ),
        "{printed}"
    );
    assert!(printed.contains("\n=shop     4.33     80 %     7.7 %  15.4 %        56m        -\n"), "{printed}");
    assert_eq!(double.requests()[0].uri, "/v1/metrics?hours=72&by=team&compareTo=previous");
    let csv = shell.call(&[&asked[..], &["--csv"]].concat()).succeeded();
    let rows: Vec<&str> = csv.lines().collect();
    assert_eq!(rows.len(), 5, "{csv}");
    assert!(rows[0].starts_with("of,group,from,to,completed,"), "{csv}");
    assert!(
        rows[2].starts_with("group,'=shop,2026-03-01T12:00:00.000Z,2026-03-04T12:00:00.000Z,12,2,1,1,80,"),
        "{csv}"
    );
    let text = shell.call(&[&asked[..], &["-o", "text"]].concat()).succeeded();
    assert!(text.contains("\ngroup.=shop.dora.changeFailureRate\t7.692307692307692\n"), "{text}");
    assert!(text.contains("\nprevious.successRate\t\n"), "{text}");
    let wrong = shell.call(&["metrics", "--by", "day"]);
    assert!(wrong.stderr.contains("service, environment, team, release"), "{}", wrong.stderr);
}

#[test]
fn text_has_a_line_for_each_figure_and_nothing_for_what_is_not_known() {
    let double = Double::always(200, &[], &three_days().to_string());
    let printed = Shell::at(&double.url).call(&["metrics", "--hours", "72", "-o", "text"]).succeeded();
    assert_eq!(
        printed,
        "environment\tproduction\nenvironments\tproduction\nservice\tcheckout\n\
         team\t\nrelease\t\nfrom\t2026-03-01T12:00:00.000Z\nto\t2026-03-04T12:00:00.000Z\n\
         deployments.completed\t12\ndeployments.failed\t2\ndeployments.rolledBack\t1\ndeployments.cancelled\t1\n\
         successRate\t80\n\
         durationSeconds.count\t12\ndurationSeconds.average\t245.5\ndurationSeconds.p50\t240\n\
         durationSeconds.p95\t300\ndurationSeconds.maximum\t4000\n\
         dora.changeFailures.undone\t1\ndora.changeFailures.failedAfter\t0\ndora.changeFailures.judgedBad\t\n\
         dora.changeFailures.incidents\t1\ndora.changeFailures.total\t1\n\
         dora.deploymentsPerDay\t4.333333333333333\ndora.changeFailureRate\t7.692307692307692\n\
         dora.deploymentReworkRate\t15.384615384615385\n\
         dora.medianLeadTimeSeconds\t3360\ndora.medianTimeToRestoreSeconds\t\n\
         stage.DEPLOYMENT.completed\t13\nstage.DEPLOYMENT.failed\t0\nstage.DEPLOYMENT.rolledBack\t2\n\
         stage.DEPLOYMENT.cancelled\t0\nstage.DEPLOYMENT.successRate\t86.66666666666667\n\
         stage.DEPLOYMENT.durationSeconds.count\t13\nstage.DEPLOYMENT.durationSeconds.average\t119\n\
         stage.DEPLOYMENT.durationSeconds.p50\t118.5\nstage.DEPLOYMENT.durationSeconds.p95\t140\n\
         stage.DEPLOYMENT.durationSeconds.maximum\t3600\n\
         stage.Größe\\u{1b}[2J.completed\t0\nstage.Größe\\u{1b}[2J.failed\t0\nstage.Größe\\u{1b}[2J.rolledBack\t0\n\
         stage.Größe\\u{1b}[2J.cancelled\t1\nstage.Größe\\u{1b}[2J.successRate\t\n\
         stage.Größe\\u{1b}[2J.durationSeconds.count\t\nstage.Größe\\u{1b}[2J.durationSeconds.average\t\n\
         stage.Größe\\u{1b}[2J.durationSeconds.p50\t\nstage.Größe\\u{1b}[2J.durationSeconds.p95\t\n\
         stage.Größe\\u{1b}[2J.durationSeconds.maximum\t\n"
    );
}

#[test]
fn json_is_printed_as_it_came() {
    let body = format!(" {}\n ", serde_json::to_string_pretty(&three_days()).unwrap());
    let double = Double::always(200, &[], &body);
    let shell = Shell::at(&double.url);
    assert_eq!(shell.call(&["metrics", "-o", "json"]).succeeded(), format!("{body}\n"));
    let line = shell.call(&["metrics", "-o", "jsonl"]).succeeded();
    assert_eq!(line.lines().count(), 1);
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), three_days());
}

#[test]
fn a_trend_that_is_wider_than_the_terminal_has_fewer_columns() {
    let double = Double::always(200, &[], &longest_window().to_string());
    let trend = |columns: u16| {
        let left = Terminal::open(&Shell::at(&double.url), (40, columns), "", &["metrics", "--hours", "2208"]).left();
        let lines: Vec<String> = left.screen.lines().map(str::to_owned).collect();
        let at = lines.iter().position(|line| line.starts_with("Trend")).unwrap();
        lines[at..at + 3].to_vec()
    };
    let whole = trend(108);
    assert_eq!(whole[0], "Trend: one column is 24 h, the highest is 7");
    assert_eq!(whole[1], format!("  Finished      {}██", "▁".repeat(90)));
    assert_eq!(whole[2], format!("  Unsuccessful  {}▂▂", "▁".repeat(90)));
    let narrower = trend(107);
    assert_eq!(narrower[0], "Trend: one column is 48 h, the highest is 14");
    assert_eq!(narrower[1], format!("  Finished      {}█", "▁".repeat(45)));
    let narrow = trend(38);
    // Of 19 columns of 5 days, the oldest has two days.
    assert_eq!(narrow[0], "Trend: one column is 5 days, the highest is 14");
    assert_eq!(narrow[1], format!("  Finished      {}█", "▁".repeat(18)));
    assert_eq!(
        trend(10)[..2],
        ["Trend: one column is 92 days, the highest is 14", "  Finished      █"],
        "one column is left"
    );
}

#[test]
fn without_symbols_the_trend_has_digits() {
    let double = Double::always(200, &[], &three_days().to_string());
    let printed = Shell::at(&double.url).with("LANG", "C").call(&["metrics", "--hours", "72"]).succeeded();
    assert!(printed.contains("\n  Finished      906\n  Unsuccessful  102\n"), "{printed}");
}

#[test]
fn only_unsuccessful_deployments_are_coloured() {
    let double = Double::always(200, &[], &three_days().to_string());
    let shell = Shell::at(&double.url).with("TERM", "xterm-256color");
    let left = Terminal::open(&shell, (40, 100), "", &["metrics"]).left();
    let text = String::from_utf8(left.bytes).unwrap();
    assert!(text.contains("Unsuccessful  \u{1b}[38;5;9m▂▁▃\u{1b}[39m"), "{text:?}");
    assert!(!Terminal::open(&shell, (40, 100), "", &["metrics", "--no-color"]).left().painted());
}

#[test]
fn without_finished_deployments_figures_are_unknown() {
    let called = Shell::at(demo()).call(&["metrics", "--hours", "1", "-e", "production", "-s", "search"]);
    assert_eq!((called.code, called.stderr.as_str()), (0, "No deployment finished in this time.\n"));
    let (heading, figures) = called.stdout.split_once('\n').unwrap();
    assert!(
        heading.starts_with("last 1 h, until 20") && heading.ends_with(" +00:00: search in production"),
        "{heading}"
    );
    assert_eq!(
        figures,
        "  Deployments             0 completed, 0 failed, 0 rolled back, 0 cancelled\n  \
           Success rate            -\n  \
           Duration                -\n  \
           Deployments per day     0\n  \
           Change failure rate     -\n  \
           Rework rate             -\n  \
           Median lead time        -\n  \
           Median time to restore  -\n"
    );
}

#[test]
fn the_error_for_an_unknown_name_suggests_similar_ones() {
    for (flag, name, near) in [("-s", "chekout", "checkout"), ("-e", "prodution", "production")] {
        let printed = Shell::at(demo()).call(&["metrics", flag, name, "-o", "json"]).failed(3);
        let kind = if flag == "-s" { "service" } else { "environment" };
        assert_eq!(printed, format!("deployment-status: no {kind} `{name}`\n  Did you mean {near}?\n"));
    }
}

#[test]
fn hours_are_a_whole_number_within_bounds() {
    for wrong in ["0", "9601", "-1", "1.5", "24h", ""] {
        let printed = Shell::at(demo()).call(&["metrics", &format!("--hours={wrong}")]).failed(2);
        let begins =
            format!("error: invalid value '{wrong}' for '--hours <N>': must be a whole number from 1 to 9600\n");
        let empty = "error: a value is required for '--hours <N>' but none was supplied\n";
        assert!(printed.starts_with(&begins) || wrong.is_empty() && printed.starts_with(empty), "{printed}");
    }
}

#[test]
fn the_real_server_is_understood() {
    // One of its own: what ended a day ago leaves the window as time goes by.
    let url = with_demo();
    let shell = Shell::at(&url);
    let printed = shell.call(&["metrics"]).succeeded();
    let answer: Value = serde_json::from_str(&shell.call(&["metrics", "-o", "json"]).succeeded()).unwrap();
    // The settings of the demo call one environment production, and none is named.
    assert_eq!(answer["environments"], json!({"names": ["production"], "because": "production"}));
    let (heading, rest) = printed.split_once('\n').unwrap();
    let counted = ": all services in production";
    assert!(heading.starts_with("last 24 h, until 20") && heading.ends_with(counted), "{heading}");
    let (figures, rest) = rest.split_once("\n\n").unwrap();
    let of = |name: &str| answer["deployments"][name].as_u64().unwrap();
    let outcomes = ["completed", "failed", "rolledBack", "cancelled"].map(of);
    let [completed, failed, rolled_back, cancelled] = outcomes;
    assert!(completed > 0, "{answer}");
    let first = format!("{completed} completed, {failed} failed, {rolled_back} rolled back, {cancelled} cancelled");
    let lines: Vec<(&str, &str)> = figures.lines().map(|line| line.trim_start().split_once("  ").unwrap()).collect();
    assert_eq!((lines[0].0, lines[0].1.trim_start()), ("Deployments", first.as_str()));
    let names: Vec<&str> = lines.iter().map(|(name, _)| *name).filter(|name| *name != "Change failures").collect();
    assert_eq!(
        names,
        [
            "Deployments",
            "Success rate",
            "Duration",
            "Deployments per day",
            "Change failure rate",
            "Rework rate",
            "Median lead time",
            "Median time to restore",
        ]
    );
    let (trend, stages) = rest.split_once("\n\n").unwrap();
    let lines: Vec<&str> = trend.lines().collect();
    assert!(lines[0].starts_with("Trend: one column is 1 h, the highest is "), "{trend}");
    assert_eq!(lines[1].trim_start_matches("  Finished      ").chars().count(), 24);
    assert!(stages.starts_with("STAGE           COMPLETED  FAILED  "), "{stages}");
    assert_eq!(stages.lines().count(), 1 + answer["stages"].as_array().unwrap().len(), "{stages}");
}

#[test]
fn numbers_that_no_server_of_ours_sends_do_no_harm() {
    let mut answer = three_days();
    let most = json!({"completed": u64::MAX, "failed": u64::MAX, "rolledBack": u64::MAX, "cancelled": u64::MAX});
    for day in answer["trend"].as_array_mut().unwrap() {
        day["outcomes"] = most.clone();
        day["from"] = json!("soon\u{1b}[2J");
    }
    answer["deployments"] = most;
    answer["environment"] = json!("\u{1b}[2Jproduction");
    let answers = move |_, _: &ReceivedRequest| (200, &[][..], answer.to_string());
    let double = Double::answering(answers);
    for form in ["table", "text"] {
        let printed = Shell::at(&double.url).call(&["metrics", "-o", form]).succeeded();
        assert!(!printed.contains('\u{1b}') && printed.contains(r"\u{1b}[2Jproduction"), "{printed}");
    }
}

#[test]
fn the_window_can_end_at_another_time() {
    let told = Shell::at(demo()).call(&["metrics", "--hours", "48", "--as-of", "2020-01-03T00:00:00Z", "-o", "text"]);
    assert_eq!((told.code, told.stderr.as_str()), (0, "No deployment finished in this time.\n"));
    let window = ["from\t2020-01-01T00:01:00.000Z\n", "to\t2020-01-03T00:01:00.000Z\n", "deployments.completed\t0\n"];
    assert!(window.iter().all(|line| told.stdout.contains(line)), "{}", told.stdout);
}
