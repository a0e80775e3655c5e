//! What happens in stories, apart from how it is delivered.

use serde_json::{Value, json};

use super::chance::Chance;

/// Something that happened, and when.
pub(super) struct Told {
    pub(super) occurred: i64,
    pub(super) event: Value,
}

/// What happens, by chance.
pub(super) type Plot = fn(&mut Chance) -> Vec<Told>;

const STATUSES: [&str; 7] = ["PENDING", "IN_PROGRESS", "VALIDATING", "COMPLETED", "FAILED", "ROLLED_BACK", "CANCELLED"];

const STAGES: [&str; 4] = ["BUILD", "DEPLOYMENT", "CLEANUP", "gate"];

/// What is deployed: builds with commits, a branch that moves, a tag and a branch of one commit, a version
/// without commit, a commit without version, and what nobody names.
pub(super) const THINGS: [(Option<&str>, Option<&str>); 11] = [
    (Some("1"), Some("c1")),
    (Some("2"), Some("c2")),
    (Some("3"), None),
    (Some("1"), None),
    (Some("main"), Some("c1")),
    (Some("main"), Some("c2")),
    (Some("main"), Some("c3")),
    (Some("main"), None),
    (Some("hotfix"), Some("c2")),
    (None, Some("c3")),
    (None, None),
];

const TARGETS: [&str; 6] = ["1", "2", "3", "main", "hotfix", "47"];

/// What is deployed together.
pub(super) const RELEASES: [&str; 2] = ["r/1", "r/2"];

/// Where a deployment goes and what it brings.
struct Subject {
    id: String,
    service: &'static str,
    environment: &'static str,
    region: Option<&'static str>,
    thing: (Option<&'static str>, Option<&'static str>),
    release: Option<&'static str>,
}

/// Which regions a story has: none, one, several, or several besides deployments without one.
fn regions(chance: &mut Chance) -> &'static [Option<&'static str>] {
    let all: [&[Option<&str>]; 5] = [
        &[None],
        &[None],
        &[Some("eu-west-1")],
        &[Some("eu-west-1"), Some("us-west-2"), Some("ap-1")],
        &[Some("eu-west-1"), Some("us-west-2"), None],
    ];
    all[usize::try_from(chance.between(0, 5)).expect("not negative")]
}

fn subject(chance: &mut Chance, number: i64, regions: &[Option<&'static str>]) -> Subject {
    let service = chance.pick(&["cart", "cart", "cart", "search"]);
    let environment = chance.pick(&["production", "production", "production", "staging"]);
    // Ids in an order that is not that of time.
    // Some before `environment:`, with which the ids of environments begin, and some after.
    let id = format!("{}-{number}", chance.pick(&["a", "c", "x"]));
    let release = chance.pick(&[None, None, Some(RELEASES[0]), Some(RELEASES[0]), Some(RELEASES[1])]);
    Subject { id, service, environment, region: chance.pick(regions), thing: chance.pick(&THINGS), release }
}

/// An event of a deployment, described or not.
fn event(subject: &Subject, status: &str, described: bool) -> Value {
    let mut event = json!({"deploymentId": subject.id, "status": status});
    if described {
        event["service"] = json!(subject.service);
        event["environment"] = json!(subject.environment);
        let named = [("version", subject.thing.0), ("commit", subject.thing.1), ("region", subject.region)];
        for (field, value) in named.into_iter().chain([("release", subject.release)]) {
            if let Some(value) = value {
                event[field] = json!(value);
            }
        }
    }
    event
}

fn ending(chance: &mut Chance, subject: &Subject, described: bool) -> Value {
    let statuses = ["COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED", "ROLLED_BACK", "CANCELLED"];
    let mut event = event(subject, chance.pick(&statuses), described);
    embellish(chance, &mut event);
    event
}

/// What some events say besides.
fn embellish(chance: &mut Chance, event: &mut Value) {
    if event["status"] == "ROLLED_BACK" && chance.one_in(2) {
        event["rollbackTo"] = json!(chance.pick(&TARGETS));
    }
    if event["status"] == "FAILED" && chance.one_in(2) {
        event["error"] = json!({"code": chance.pick(&["E1", "E2"])});
    }
    if chance.one_in(6) {
        event["metrics"] = json!({chance.pick(&["durationSeconds", "healthScore"]): chance.between(0, 100)});
    }
    if event["type"] != "stage" && chance.one_in(4) {
        event["stage"] = json!(chance.pick(&STAGES));
    }
}

/// That the environment was given up.
fn retirement(chance: &mut Chance) -> Value {
    json!({"type": "retirement", "environment": chance.pick(&["production", "production", "staging"])})
}

/// That someone calls a version bad, or clears it: here, or everywhere.
fn verdict(chance: &mut Chance) -> Value {
    let named = THINGS.iter().filter(|(version, commit)| version.is_some() || commit.is_some());
    let (version, commit) = chance.pick(&named.collect::<Vec<_>>());
    let mut event = json!({
        "type": "verdict", "service": chance.pick(&["cart", "cart", "search"]),
        "outcome": chance.pick(&["BAD", "BAD", "CLEARED"]), "reason": chance.pick(&["slow", "wrong"]),
    });
    let environment = chance.pick(&[None, None, Some("staging"), Some("production")]);
    for (field, value) in [("version", *version), ("commit", *commit), ("environment", environment)] {
        if let Some(value) = value {
            event[field] = json!(value);
        }
    }
    event
}

/// Deployments as they usually go, with what usually goes wrong.
pub(super) fn usual(chance: &mut Chance) -> Vec<Told> {
    let regions = regions(chance);
    let mut told = Vec::new();
    for number in 0..chance.between(2, 9) {
        let subject = subject(chance, number, regions);
        let mut time = chance.between(-20, 360) * 10_000;
        if chance.one_in(12) {
            time -= chance.between(1, 60) * 24 * 3_600_000;
        }
        for attempt in 1..=chance.between(1, 8).max(6) - 5 {
            life(chance, &subject, attempt, &mut time, &mut told);
        }
    }
    if chance.one_in(3) {
        for _ in 0..chance.between(1, 4) {
            told.push(Told { occurred: chance.between(-20, 420) * 10_000, event: retirement(chance) });
        }
    }
    if chance.one_in(2) {
        for _ in 0..chance.between(1, 6) {
            told.push(Told { occurred: chance.between(-20, 420) * 10_000, event: verdict(chance) });
        }
    }
    told
}

/// One attempt of a deployment.
fn life(chance: &mut Chance, subject: &Subject, attempt: i64, time: &mut i64, told: &mut Vec<Told>) {
    let mut events = Vec::new();
    let all = chance.one_in(2);
    let described = |chance: &mut Chance| all || chance.one_in(3);
    for status in ["PENDING", "IN_PROGRESS", "VALIDATING"] {
        if chance.one_in(2) {
            let described = described(chance);
            let mut event = event(subject, status, described);
            embellish(chance, &mut event);
            events.push(event);
        }
        if chance.one_in(5) {
            let stage = chance.pick(&STAGES);
            for status in ["PENDING", "IN_PROGRESS", chance.pick(&["COMPLETED", "FAILED"])] {
                let mut event = event(subject, status, false);
                (event["type"], event["stage"]) = (json!("stage"), json!(stage));
                embellish(chance, &mut event);
                if chance.one_in(2) {
                    events.push(event);
                }
            }
        }
    }
    if chance.one_in(10) {
        let mut removal = event(subject, chance.pick(&["COMPLETED", "COMPLETED", "FAILED", "ROLLED_BACK"]), true);
        removal["type"] = json!("removal");
        events.push(removal);
    } else if !chance.one_in(8) {
        let described = described(chance);
        events.push(ending(chance, subject, described));
    }
    if chance.one_in(4) {
        let mut back = event(subject, "ROLLED_BACK", false);
        embellish(chance, &mut back);
        events.push(back);
    }
    if chance.one_in(12) {
        let mut teardown = event(subject, "COMPLETED", false);
        teardown["type"] = json!("teardown");
        events.push(teardown);
    }
    for mut event in events {
        if attempt > 1 {
            event["attempt"] = json!(attempt);
        }
        told.push(Told { occurred: *time, event });
        *time += chance.pick(&[0, 500, 1000, 10_000, 60_000, 600_000]);
    }
}

/// Events without any plan, close together.
pub(super) fn wild(chance: &mut Chance) -> Vec<Told> {
    let regions = regions(chance);
    let subjects: Vec<Subject> = (0..chance.between(1, 6)).map(|number| subject(chance, number, regions)).collect();
    let retires = chance.one_in(2);
    let mut told = Vec::new();
    for _ in 0..chance.between(3, 30) {
        if retires && chance.one_in(8) {
            told.push(Told { occurred: chance.between(0, 60) * 500, event: retirement(chance) });
        }
        let subject = chance.pick(&subjects.iter().collect::<Vec<_>>());
        let described = chance.one_in(2);
        let mut event = event(subject, chance.pick(&STATUSES), described);
        match chance.between(0, 12) {
            0 | 1 => (event["type"], event["stage"]) = (json!("stage"), json!(chance.pick(&STAGES))),
            2 => event["type"] = json!("removal"),
            3 => (event["type"], event["status"]) = (json!("teardown"), json!("COMPLETED")),
            7 => {
                (event["type"], event["status"]) = (json!("note"), json!("COMPLETED"));
                event["notes"] = json!("a word");
            }
            // It says who it is of, or that it is of another service.
            4 => event["service"] = json!(chance.pick(&["cart", "search", "unknown"])),
            5 => event["version"] = json!(chance.pick(&TARGETS)),
            6 => event["release"] = json!(chance.pick(&RELEASES)),
            _ => {}
        }
        embellish(chance, &mut event);
        if chance.one_in(4) {
            event["attempt"] = json!(chance.between(1, 4));
        }
        told.push(Told { occurred: chance.between(0, 60) * 500, event });
    }
    told
}

/// Some forty landings in one place, with long runs of rollbacks.
pub(super) fn long(chance: &mut Chance) -> Vec<Told> {
    let regions = regions(chance);
    let mut told = Vec::new();
    let (mut time, mut run) = (0, 0);
    for number in 0..40 {
        let mut subject = subject(chance, number, regions);
        (subject.service, subject.environment) = ("cart", "production");
        if run == 0 && chance.one_in(6) {
            run = chance.between(3, 15);
        }
        let bare_rollback = run > 0;
        run = (run - 1).max(0);
        let mut event = if bare_rollback {
            event(&subject, "ROLLED_BACK", true)
        } else {
            event(&subject, chance.pick(&["COMPLETED", "COMPLETED", "COMPLETED", "COMPLETED", "FAILED"]), true)
        };
        if bare_rollback && chance.one_in(5) {
            event["rollbackTo"] = json!(chance.pick(&TARGETS));
        }
        // Some are rolled back under their own id, at once or long after.
        if !bare_rollback && chance.one_in(3) {
            let later = time + chance.between(1, 20) * 60_000;
            told.push(Told { occurred: later, event: self::event(&subject, "ROLLED_BACK", true) });
        }
        if chance.one_in(25) {
            event["type"] = json!("removal");
        }
        told.push(Told { occurred: time, event });
        if chance.one_in(25) {
            told.push(Told { occurred: time + chance.between(-60, 60) * 1000, event: retirement(chance) });
        }
        time += chance.pick(&[0, 60_000, 60_000, 60_000]);
    }
    told
}
