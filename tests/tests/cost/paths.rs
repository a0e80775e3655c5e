//! What each usual path takes.

use serde_json::{Value, json};
use tests::stream::Stream;
use tests::world::at;

use super::measured::{Bench, Counted};
use super::{event, queued};

/// Ten messages, each of a deployment of its own in a place of its own.
fn ten(status: &str, seconds: i64, batch: &str) -> Vec<String> {
    let one = |n: usize| {
        let more = json!({"status": status, "service": format!("service-{n}")});
        queued(&event(&format!("{batch}-{n}"), seconds, more))
    };
    (0..10).map(one).collect()
}

fn recording(bench: &Bench) -> Vec<(&'static str, Counted)> {
    let world = &bench.world;
    let post = |event: &Value| {
        let (answer, counted) = bench.count(world.post(event));
        assert_eq!(answer.status, 201, "{}", answer.body);
        counted
    };
    let stage = |status: &str| json!({"type": "stage", "stage": "DEPLOYMENT", "status": status});
    // The first deployments of a process meet what later ones know.
    for (id, seconds) in [("deploy-0", -900), ("deploy-1", -800)] {
        post(&event(id, seconds, json!({"status": "IN_PROGRESS"})));
        post(&event(id, seconds + 10, json!({"status": "COMPLETED"})));
    }
    let mut paths = vec![
        ("a first report, of a deployment", post(&event("deploy-2", -600, json!({"status": "IN_PROGRESS"})))),
        ("a later one, of a stage", post(&event("deploy-2", -590, stage("IN_PROGRESS")))),
        ("the last one: completed", post(&event("deploy-2", -500, json!({"status": "COMPLETED"})))),
    ];
    let queue = |status: &str, seconds: i64, batch: &str| {
        let (failed, counted) = bench.count(world.queue(&ten(status, seconds, batch), at(0)));
        assert_eq!(failed.unwrap(), Vec::<usize>::new());
        counted
    };
    queue("IN_PROGRESS", -490, "known");
    queue("COMPLETED", -480, "known");
    paths.push(("a queue batch of ten first reports", queue("IN_PROGRESS", -470, "batch")));
    paths.push(("a queue batch of ten last ones", queue("COMPLETED", -460, "batch")));
    let mut stream = Stream::start(&world.embedded.database, &world.embedded.tables.history).unwrap();
    let mut published = None;
    while let Some(batch) = stream.peek().unwrap() {
        bench.run(world.processor.handle(&batch.event.to_string(), at(0))).unwrap();
        stream.pass(batch);
        if stream.peek().unwrap().is_none() && published.is_none() {
            queue("COMPLETED", -450, "published");
            let batch = stream.peek().unwrap().unwrap();
            let text = batch.event.to_string();
            // Later: of one minute, more than ten notifications of a kind wait for their digest.
            published = Some(bench.count(world.processor.handle(&text, at(120))).1);
        }
    }
    paths.push(("a stream batch of ten last ones", published.unwrap()));
    paths
}

fn asking(bench: &Bench) -> Vec<(&'static str, Counted)> {
    let world = &bench.world;
    for n in 0..20 {
        let more = json!({"status": "COMPLETED", "service": format!("asked-{n:02}"), "environment": "staging"});
        assert_eq!(bench.run(world.post(&event(&format!("staged-{n:02}"), -400 + n, more))).status, 201);
    }
    for n in 0..40 {
        let stage = json!({"type": "stage", "stage": format!("STAGE-{}", n % 4), "status": "IN_PROGRESS"});
        assert_eq!(bench.run(world.post(&event("trail", -300 + n, stage))).status, 201);
    }
    let known_at = format!("/v1/live?environment=staging&knownAt={}", at(-10));
    let questions = [
        ("status of a deployment that landed", "/v1/deployments/deploy-2"),
        ("what is live: 20 services", "/v1/live?environment=staging"),
        ("the same at a time", "/v1/live?environment=staging&asOf=2026-03-01T11:59:00Z"),
        ("the same as it was known at a time", known_at.as_str()),
        ("a page of history: 20 deployments", "/v1/deployments?environment=staging"),
        ("a page of a trail: 20 of 40 events", "/v1/deployments/trail/events?limit=20"),
        ("what is active", "/v1/deployments/active"),
        ("a comparison of two environments", "/v1/compare?from=staging&to=production"),
        ("a gate", "/v1/gate?service=asked-00&environment=production&version=2.14.3"),
        ("drift", "/v1/drift"),
        ("metrics of an environment, of 11 hours", "/v1/metrics?environment=staging&hours=11"),
        ("bad versions", "/v1/bad"),
        ("the catalog", "/v1/catalog"),
    ];
    questions.into_iter().map(|(name, path)| (name, bench.count_question(path))).collect()
}

/// Each usual path, with what it takes.
pub(super) fn counted() -> Vec<(&'static str, Counted)> {
    let of = |bench: &Bench| recording(bench).into_iter().chain(asking(bench)).collect::<Vec<_>>();
    let (together, apart) = (of(&Bench::new()), of(&Bench::apart()));
    let both = together.into_iter().zip(apart);
    both.map(|((name, counted), (_, apart))| (name, Counted { allocations: apart.allocations, ..counted })).collect()
}
