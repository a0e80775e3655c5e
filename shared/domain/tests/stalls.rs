//! How often people are told of a stall that is none, and how often not of one that is: on durations as pipelines have
//! them, beside a fixed time of silence. The table stands in `docs/expectations.md`.

use std::fmt::Write as _;
use std::time::Duration;

use domain::ledger::received::Received;
use domain::ledger::recording::{State, record};
use domain::live::Timing;
use domain::questions::expected::{Expected, Of, Took};
use domain::questions::pace::Progress;
use domain::{Summary, Timestamp, event};
use serde_json::{Value, json};

/// Deployments of which a rate is told.
const DEPLOYMENTS: usize = 1000;
/// Of so many one hangs.
const ONE_HANGS_OF: usize = 10;
/// A stall is missed of which nothing is told within so many minutes.
const IN_TIME: u32 = 30;
/// Where nothing is told within so many minutes, nothing is.
const NEVER: u32 = 24 * 60;
/// The stages of each, with their share of its duration.
const STAGES: [(&str, f64); 3] = [("BUILD", 0.3), ("DEPLOYMENT", 0.6), ("HEALTH_CHECK", 0.1)];

/// Numbers that are the same each time (`SplitMix64`).
struct Chance(u64);

impl Chance {
    /// From 0 to 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a double exactly")]
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of the normal distribution, near enough: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// A service, by how long its deployments take in seconds.
struct Service {
    name: &'static str,
    seconds: fn(&mut Chance, f64) -> f64,
}

const SERVICES: [Service; 5] = [
    Service { name: "steady: 4 minutes ± 10 %", seconds: |chance, _| 240.0 * (1.0 + 0.1 * chance.normal()) },
    Service {
        name: "two paces: 3 minutes, and 25 for three of ten",
        seconds: |chance, _| if chance.next() < 0.7 { 180.0 } else { 1500.0 } * (1.0 + 0.1 * chance.normal()),
    },
    Service {
        name: "heavy tail: 5 minutes, one of a hundred takes 50",
        seconds: |chance, _| 300.0 * chance.normal().exp(),
    },
    Service {
        name: "slowly growing: from 3 to 12 minutes",
        seconds: |chance, passed| (180.0 + 540.0 * passed) * (1.0 + 0.1 * chance.normal()),
    },
    Service { name: "long and silent: 3 hours ± 10 %", seconds: |chance, _| 10_800.0 * (1.0 + 0.1 * chance.normal()) },
];

fn at(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a year")]
    Timestamp::parse("2026-01-01T00:00:00Z").unwrap().plus_millis((seconds * 1000.0).round() as i64)
}

/// The reports of a deployment that takes so long, each with its second.
fn reports(id: &str, seconds: f64) -> Vec<(f64, Value)> {
    let (mut reports, mut passed) = (Vec::new(), 0.0);
    for (stage, share) in STAGES {
        reports.push((passed, json!({"deploymentId": id, "status": "IN_PROGRESS", "stage": stage})));
        passed += share * seconds;
    }
    reports.push((seconds, json!({"deploymentId": id, "status": "COMPLETED"})));
    reports
}

/// What is known after each report, which happened then.
fn states(reports: &[(f64, Value)], began: f64) -> Vec<(f64, Summary)> {
    let mut state: Option<State> = None;
    let known = reports.iter().map(|(seconds, report)| {
        let mut event = json!({"service": "cart", "environment": "production", "occurredAt": at(began + seconds)});
        event.as_object_mut().unwrap().extend(report.as_object().unwrap().clone());
        let now = at(began + seconds);
        let received = Received::new(&event::read(event, now).unwrap(), now, "test").unwrap();
        let after = record(state.as_ref(), received, now).unwrap().1;
        state = Some(after.clone());
        (*seconds, after.summary)
    });
    known.collect()
}

/// Alarms of one rule.
#[derive(Default)]
struct Alarms {
    wrong: usize,
    missed: usize,
    /// After how many minutes each that hung was told of.
    minutes: Vec<u32>,
}

impl Alarms {
    /// Of a deployment that went on: whether it was told of before any of its reports.
    fn went_on(&mut self, known: &[(f64, Summary)], began: f64, is_stalled: impl Fn(&Summary, Timestamp) -> bool) {
        // A silence grows until the next report, so just before that is when it counts.
        let stalled = known.windows(2).any(|pair| is_stalled(&pair[0].1, at(began + pair[1].0 - 0.001)));
        self.wrong += usize::from(stalled);
    }

    /// Of one that was last heard of then, and hangs: looked at each minute.
    fn hung(&mut self, last: &(f64, Summary), began: f64, is_stalled: impl Fn(&Summary, Timestamp) -> bool) {
        // Once it has stalled it stays so, as nothing more is reported.
        let minutes: Vec<u32> = (1..NEVER).collect();
        let not_yet = |minute: &u32| !is_stalled(&last.1, at(began + last.0 + 60.0 * f64::from(*minute)));
        let told = minutes.get(minutes.partition_point(not_yet)).copied().unwrap_or(NEVER);
        self.missed += usize::from(told > IN_TIME);
        self.minutes.push(told);
    }

    fn cells(&mut self) -> String {
        self.minutes.sort_unstable();
        format!("{} / {} / {} min", self.wrong, self.missed, self.minutes[self.minutes.len() / 2])
    }
}

/// The row of a service.
fn row(service: &Service, seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut took: Vec<Took> = Vec::new();
    let (mut by_expectation, mut by_hour, mut by_quarter) = (Alarms::default(), Alarms::default(), Alarms::default());
    // Fifty go before, so that what is usual is known.
    for n in 0..Expected::NEWEST + DEPLOYMENTS {
        let counted = n.checked_sub(Expected::NEWEST);
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let (passed, began) = (counted.unwrap_or(0) as f64 / DEPLOYMENTS as f64, n as f64 * 20_000.0);
        let seconds = (service.seconds)(&mut chance, passed).max(1.0);
        let known = states(&reports(&format!("d-{n}"), seconds), began);
        let newest = &took[took.len().saturating_sub(Expected::NEWEST)..];
        let expected = Expected::after(newest, Of::Place);
        let stalled = |expected: Option<&Expected>, minutes: u64, summary: &Summary, now: Timestamp| {
            let progress = Progress::of(summary, expected, Duration::from_mins(minutes), now);
            progress.is_some_and(|progress| progress.is_stalled())
        };
        let usual = |summary: &Summary, now: Timestamp| stalled(expected.as_ref(), 60, summary, now);
        let hour = |summary: &Summary, now: Timestamp| stalled(None, 60, summary, now);
        let quarter = |summary: &Summary, now: Timestamp| stalled(None, 15, summary, now);
        let hangs = counted.is_some_and(|n| n % ONE_HANGS_OF == 0);
        if hangs {
            // After any of its reports but the last.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "few"
            )]
            let last = &known[(chance.next() * (known.len() - 1) as f64) as usize];
            by_expectation.hung(last, began, usual);
            by_hour.hung(last, began, hour);
            by_quarter.hung(last, began, quarter);
            continue;
        }
        if counted.is_some() {
            by_expectation.went_on(&known, began, usual);
            by_hour.went_on(&known, began, hour);
            by_quarter.went_on(&known, began, quarter);
        }
        took.extend(Timing::of(&known.last().unwrap().1).values().filter_map(Took::of_landing));
    }
    format!("| {} | {} | {} | {} |", service.name, by_expectation.cells(), by_hour.cells(), by_quarter.cells())
}

fn table() -> String {
    let mut table =
        "| service | by what is usual | 60 minutes of silence | 15 minutes of silence |\n|---|---|---|---|\n"
            .to_owned();
    std::thread::scope(|scope| {
        let rows: Vec<_> =
            SERVICES.iter().zip(1..).map(|(service, seed)| scope.spawn(move || row(service, seed))).collect();
        for row in rows {
            writeln!(table, "{}", row.join().unwrap()).unwrap();
        }
    });
    table
}

#[test]
fn false_and_missed_alarms_are_as_the_documentation_says() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/expectations.md");
    let text = std::fs::read_to_string(file).unwrap();
    let computed = table();
    let from = text.find("| service | by what is usual |").expect("its table");
    let to = from + text[from..].find("\n\n").expect("the end of it") + 1;
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file, format!("{}{computed}{}", &text[..from], &text[to..])).unwrap();
        return;
    }
    assert_eq!(&text[from..to], computed, "UPDATE_GOLDEN=1 cargo test -p domain --test rules -- stalls::");
}
