//! The tick with thousands of environments and deployments, over the embedded store with the time that each call
//! takes: it comes to its end in the function's time, and goes on where it was cut off.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::follows::metrics::Metric;
use domain::follows::notifications::{Notification, NotifyRules};
use domain::{Retention, Timestamp};
use event_processor::settings::Processing;
use event_processor::{EventProcessor, Ticked};
use recorder::Recorder;
use secrets::SecretStore;
use serde_json::json;
use sqlite::Sqlite;
use store::Reader;
use tests::latent::{Latency, Latent, LatentPublisher, Published};
use tests::world::{at, processing};
use tokio::time::Instant;

type Processor = EventProcessor<Latent<Sqlite>, LatentPublisher>;

/// The function's time.
const TIMEOUT: Duration = Duration::from_secs(30);

struct Many {
    sqlite: Sqlite,
    latency: Latency,
    notify: &'static str,
}

impl Many {
    /// So many environments and, spread over them, so many deployments that have been silent since noon.
    async fn new(environments: usize, deployments: usize, latency: Latency) -> Self {
        let sqlite = Sqlite::in_memory().unwrap();
        let recorder = Recorder::new(sqlite.clone(), Retention::FOREVER);
        let numbers: Vec<usize> = (0..deployments).collect();
        for some in numbers.chunks(1000) {
            let received = some.iter().map(|n| {
                let event = json!({
                    "deploymentId": format!("d-{n:05}"), "service": "cart", "status": "IN_PROGRESS", "version": "1",
                    "environment": format!("env-{:04}", n % environments), "occurredAt": at(0),
                });
                let event = domain::event::read(event, at(0)).unwrap();
                domain::ledger::received::Received::new(&event, at(0), "test").unwrap()
            });
            for result in recorder.record(received.collect(), at(0)).await {
                result.unwrap();
            }
        }
        Self { sqlite, latency, notify: NotifyRules::DEFAULT }
    }

    /// A new instance of the function.
    fn processor(&self) -> (Processor, LatentPublisher, Latent<Sqlite>) {
        let store = Latent::new(self.sqlite.clone(), self.latency);
        let publisher = LatentPublisher::new(self.latency, store.calls.clone());
        let recorder = Recorder::new(store.clone(), Retention::FOREVER);
        let secrets = SecretStore::given(formats::WebhookSecrets::default());
        let processing = Processing { notify: NotifyRules::parse(self.notify).unwrap(), ..processing() };
        (EventProcessor::new(recorder, publisher.clone(), secrets, processing), publisher, store)
    }

    async fn has_position(&self) -> bool {
        Reader::new(self.sqlite.clone()).tick_state().await.unwrap().position.is_some()
    }
}

/// Ticks, with the function's time. None when that is over.
async fn tick(processor: &Processor, now: Timestamp) -> Option<Ticked> {
    tokio::time::timeout(TIMEOUT, processor.tick(now)).await.ok().map(Result::unwrap)
}

/// The ids of what people were told, each as often as that was.
fn told(published: &[&Published]) -> BTreeMap<String, usize> {
    let mut told = BTreeMap::new();
    for published in published {
        let alone = published.notifications.iter().map(Notification::dedupe_id);
        let together = published.digests.iter().flat_map(|digest| &digest.entries).map(|held| held.dedupe_id.clone());
        for id in alone.chain(together) {
            *told.entry(id).or_default() += 1;
        }
    }
    told
}

fn messages(published: &Published) -> usize {
    published.notifications.len() + published.digests.len()
}

fn values(published: &Published, metric: Metric) -> Vec<f64> {
    let data = published.data.iter().filter(|datum| datum.metric == metric);
    data.flat_map(|datum| datum.values.iter().map(|(value, _)| *value)).collect()
}

fn sum(published: &Published, metric: Metric) -> f64 {
    values(published, metric).iter().sum()
}

/// A quick run takes a tenth of the environments and deployments, and of the time.
#[tokio::test(start_paused = true)]
async fn five_thousand_environments_and_twenty_thousand_deployments_are_within_the_function_s_time() {
    let part = if tests::exhaustive() { 1 } else { 10 };
    let (environments, deployments) = (5000 / part, 20_000 / part);
    let many = Many::new(environments, deployments, Latency::documented()).await;
    let (processor, sink, store) = many.processor();
    let began = Instant::now();
    let ticked = tick(&processor, at(3600)).await.expect("within thirty seconds");
    let took = began.elapsed();
    let (number, places) = (deployments as u64, environments as u64);
    let all = Ticked { active: number, stuck: number, concluded: 0, visited: places, environments: places };
    assert_eq!(ticked, all);
    let calls = store.calls.lock().unwrap().clone();
    println!("{took:?} for {calls:?}");
    assert!(took < Duration::from_secs(20) / u32::try_from(part).unwrap(), "{took:?}: {calls:?}");
    // States, cells, and whether they were notified: by the hundred, and what a chunk of environments leaves over.
    assert!(calls["BatchGetItem"] <= 3 * (deployments / 100 + environments / 250), "{calls:?}");
    assert!(calls["PutMetricData"] <= environments / 250 && calls["PublishBatch"] == 1, "{calls:?}");
    {
        let first = sink.published.lock().unwrap();
        assert_eq!(messages(&first), 10, "ten by themselves");
        assert!(
            (sum(&first, Metric::ActiveDeployments) - f64::from(u32::try_from(deployments).unwrap())).abs() < 0.1,
            "each is in a gauge"
        );
        assert_eq!(values(&first, Metric::TickCoverage), [100.0]);
        let seconds = values(&first, Metric::TickDuration);
        assert!(seconds.len() == 1 && seconds[0] > 0.1 && seconds[0] < 20.0, "{seconds:?}");
    }
    assert!(!many.has_position().await, "it came to its end");

    store.calls.lock().unwrap().clear();
    let began = Instant::now();
    assert_eq!(tick(&processor, at(3660)).await, Some(all));
    // The first one looked for drift too, which is done once an hour.
    let calls = store.calls.lock().unwrap().clone();
    println!("{:?} for {calls:?}, once they are known", began.elapsed());
    // Beside these: what is held for digests, the notes of what was told, and the first days of environments of which
    // none is kept yet, by pages.
    let pages = deployments / 500 + deployments / 1000 + environments / 1000 + 12;
    assert!(calls["Query"] <= environments + pages, "one for each environment: {calls:?}");
    let published = sink.published.lock().unwrap();
    assert!((11..=15).contains(&messages(&published)), "and the rest together, as many as have room for all names");
    let told = told(&[&published]);
    assert_eq!((told.len(), told.values().max()), (deployments, Some(&1)), "each once");
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_is_cut_off_is_gone_on_with_and_nothing_is_lost_or_said_twice() {
    let many = Many::new(600, 1200, Latency::documented()).await;
    let (processor, sink, _) = many.processor();
    // In the middle of it, wherever that is: of a chunk, of a transaction.
    let cut = Duration::from_millis(700);
    assert!(tokio::time::timeout(cut, processor.tick(at(3600))).await.is_err(), "it is cut off");
    assert!(many.has_position().await);
    let first = std::mem::take(&mut *sink.published.lock().unwrap());
    let gauged = |published: &Published| -> Vec<String> {
        let data = published.data.iter().filter(|datum| datum.metric == Metric::ActiveDeployments);
        data.map(|datum| datum.dimensions.named()[0].1.to_string()).collect()
    };
    let before = gauged(&first);
    assert!(!before.is_empty() && before.len() < 600, "{}", before.len());

    let (processor, sink, _) = many.processor();
    let ticked = tick(&processor, at(3660)).await.unwrap();
    assert_eq!((ticked.visited, ticked.active, ticked.stuck), (600, 1200, 1200));
    assert!(!many.has_position().await);
    {
        let second = sink.published.lock().unwrap();
        let after = gauged(&second);
        // What was published but not yet noted comes again, as of another minute.
        assert!(after[0] != before[0], "it goes on where the other one was: {}", after[0]);
    }
    tick(&processor, at(3720)).await.unwrap();
    tick(&processor, at(3780)).await.unwrap();
    let second = sink.published.lock().unwrap();
    let told = told(&[&first, &second]);
    assert_eq!((told.len(), told.values().max()), (1200, Some(&1)), "each once");
    let sent = messages(&first) + messages(&second);
    assert!(sent <= 2 * 10 + 3, "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_tick_that_has_too_little_time_says_how_far_it_came_and_every_environment_has_its_turn() {
    // Chunks of eight rounds each: the third begins after some sixteen seconds, and the fourth would after more than
    // twenty.
    let slow = Latency { read: Duration::from_millis(800), ..Latency::documented() };
    let mut many = Many::new(1000, 1000, slow).await;
    many.notify = "*:STUCK";
    let (processor, sink, _) = many.processor();
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    for minute in 0..4 {
        sink.published.lock().unwrap().data.clear();
        // Not yet stuck: it is the environments alone that take the time.
        let ticked = tick(&processor, at(minute * 60)).await.expect("it ends in time");
        assert!((250..1000).contains(&ticked.visited), "{ticked:?}");
        assert!(many.has_position().await);
        let published = sink.published.lock().unwrap();
        let percent = f64::from(u32::try_from(ticked.visited).unwrap()) / 10.0;
        assert_eq!(values(&published, Metric::TickCoverage), [percent]);
        for datum in published.data.iter().filter(|datum| datum.metric == Metric::ActiveDeployments) {
            *turns.entry(datum.dimensions.named()[0].1.to_string()).or_default() += 1;
        }
    }
    // The first five hundred have gauges of their own, the others share one.
    assert_eq!(turns.len(), 501);
    assert!(turns.values().all(|turns| *turns >= 1 && *turns <= 4), "{turns:?}");
    let all: BTreeSet<usize> = turns.iter().filter(|(name, _)| *name != "other").map(|(_, turns)| *turns).collect();
    assert!(all.iter().max().unwrap() - all.iter().min().unwrap() <= 1, "each as often as the others: {all:?}");
}
