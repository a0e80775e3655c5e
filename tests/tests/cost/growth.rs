//! What questions and reports take when there is more: of a few things, and of many.

use serde_json::{Value, json};
use tests::exhaustive;

use super::event;
use super::measured::{Bench, Counted};

/// Something that there can be more of, with a few, many, and as many as only a thorough run has the time for.
struct Growing {
    what: &'static str,
    sizes: [usize; 3],
    fill: fn(&Bench, usize),
    questions: &'static [(&'static str, &'static str)],
}

const GROWING: [Growing; 4] = [
    Growing {
        what: "services",
        sizes: [20, 200, 1000],
        fill: services,
        questions: &[
            ("what is live in an environment, a page", "/v1/live?environment=production&limit=20"),
            ("what is live of a service", "/v1/live?service=service-0007"),
            ("a comparison of two environments", "/v1/compare?from=staging&to=production"),
            ("drift", "/v1/drift"),
            ("a gate", "/v1/gate?service=service-0007&environment=production&version=2.14.3"),
            ("the catalog", "/v1/catalog"),
        ],
    },
    Growing {
        what: "deployments in a month of an environment",
        sizes: [100, 1000, 3000],
        fill: deployments,
        questions: &[
            ("a page of history: 20", "/v1/deployments?environment=production&limit=20"),
            ("the same of a service", "/v1/deployments?environment=production&service=service-0007&limit=20"),
            ("status", "/v1/deployments/deploy-000007"),
            ("what is live of a service", "/v1/live?service=service-0007"),
            ("metrics of 11 hours", "/v1/metrics?environment=production&hours=11"),
        ],
    },
    Growing {
        what: "events of a deployment",
        sizes: [10, 200, 1000],
        fill: events,
        questions: &[
            ("status", "/v1/deployments/deploy-1"),
            ("a page of its trail: 20", "/v1/deployments/deploy-1/events?limit=20"),
            ("its verification", "/v1/deployments/deploy-1/verify"),
        ],
    },
    Growing {
        what: "landings of a place",
        sizes: [10, 200, 1000],
        fill: landings,
        questions: &[
            ("what is live there", "/v1/live?environment=production&service=checkout-service"),
            (
                "the same at a time, of the second landing",
                "/v1/live?environment=production&service=checkout-service&asOf=2026-02-01T00:01:30Z",
            ),
            (
                "the same as it was known by now",
                "/v1/live?environment=production&service=checkout-service&knownAt=2026-03-01T12:00:00Z",
            ),
            ("status of the latest", "/v1/deployments/latest"),
            ("a page of history: 20", "/v1/deployments?environment=production&service=checkout-service&limit=20"),
            ("a gate", "/v1/gate?service=checkout-service&environment=production&version=2.14.3"),
        ],
    },
];

fn post(bench: &Bench, events: &[Value]) {
    for some in events.chunks(100) {
        let answer = bench.run(bench.world.post(&json!(some)));
        let receipts = answer.body.as_array().cloned().unwrap_or_default();
        assert!(receipts.iter().all(|receipt| receipt["outcome"] == "recorded"), "{}", answer.body);
    }
}

fn services(bench: &Bench, many: usize) {
    let landed = |n: usize, environment: &str| {
        let service = format!("service-{n:04}");
        let more = json!({"status": "COMPLETED", "service": service, "environment": environment});
        event(&format!("{environment}-{n}"), -600, more)
    };
    let of = |environment: &'static str| (0..many).map(move |n| landed(n, environment));
    post(bench, &of("staging").chain(of("production")).collect::<Vec<_>>());
}

fn deployments(bench: &Bench, many: usize) {
    let one = |n: usize| {
        let service = format!("service-{:04}", n % 20);
        let back = i64::try_from(n).unwrap() % 30_000;
        event(&format!("deploy-{n:06}"), -back - 1, json!({"status": "IN_PROGRESS", "service": service}))
    };
    post(bench, &(0..many).map(one).collect::<Vec<_>>());
}

fn events(bench: &Bench, many: usize) {
    let stage = |n: usize| {
        let name = format!("STAGE-{}", n % 5);
        let seconds = i64::try_from(n).unwrap() - 2000;
        event("deploy-1", seconds, json!({"type": "stage", "stage": name, "status": "IN_PROGRESS"}))
    };
    post(bench, &(0..many).map(stage).collect::<Vec<_>>());
}

fn landings(bench: &Bench, many: usize) {
    // From the beginning of February, a minute each.
    let begin = -28 * 24 * 3600 - 12 * 3600;
    let one = |n: usize| {
        let id = if n + 1 == many { "latest".to_owned() } else { format!("landed-{n:04}") };
        let version = json!({"status": "COMPLETED", "version": n.to_string(), "commit": format!("{n:040}")});
        event(&id, begin + 60 * i64::try_from(n).unwrap(), version)
    };
    post(bench, &(0..many).map(one).collect::<Vec<_>>());
}

/// What is asked, of what there is more, with what it takes of a few and of many. What takes the same of both is asked, in
/// a thorough run, of a great many too.
pub(super) fn counted() -> Vec<(String, &'static str, [Counted; 2])> {
    let mut table = Vec::new();
    for Growing { what, sizes, fill, questions } in &GROWING {
        let of = |size: usize| {
            let bench = Bench::new();
            fill(&bench, size);
            questions.iter().map(|(_, path)| bench.count_question(path)).collect::<Vec<_>>()
        };
        let (few, many) = (of(sizes[0]), of(sizes[1]));
        if exhaustive() {
            for (((name, _), many), most) in questions.iter().zip(&many).zip(of(sizes[2])) {
                let few = few[questions.iter().position(|(other, _)| other == name).unwrap()];
                let units = |counted: &Counted| (counted.calls, counted.read_units.to_string());
                assert!(units(&few) != units(many) || units(&most) == units(many), "{name} of {what}: {most:?}");
            }
        }
        let what = format!("{} and {} {what}", sizes[0], sizes[1]);
        table.extend(
            questions.iter().zip(few).zip(many).map(|(((name, _), few), many)| (what.clone(), *name, [few, many])),
        );
    }
    table
}
