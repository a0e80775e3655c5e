//! Nothing is found wrong where nothing was changed: with late events, retention, and writers at work.

use domain::anchors::Series;
use domain::export::Export;
use domain::{Retention, Timestamp};
use fastrand::Rng;
use local::anchors;
use recorder::Rebuilder;
use store::transaction::Transaction;
use store::{Key, ReadItems as _, Table, WriteItems as _};

use super::histories::{DAY, History, cases, first_day, history};
use super::python;
use crate::listener::program::run_on;

fn series(history: &History) -> Series {
    let (series, wrong) = anchors::read(&history.anchors()).unwrap();
    assert_eq!(wrong, []);
    series
}

fn rebuilder(history: &History, retention: Retention) -> Rebuilder<sqlite::Sqlite> {
    let (store, listed) = (history.store(), history.store());
    Rebuilder::new(store, retention).listing(move |table| listed.keys(table)).anchored(series(history))
}

/// What retention removes of a history that is kept for some days: of what is older, any.
async fn expire(history: &History, retention: Retention, random: &mut Rng) -> usize {
    let (store, now, mut gone) = (history.store(), lambda::now(), 0);
    for key in store.keys(Table::History).unwrap() {
        let item = store.get(Table::History, &key).await.unwrap().unwrap();
        let recorded_at: i64 = match &item["recordedAt"] {
            store::AttributeValue::N(millis) => millis.parse().unwrap(),
            other => panic!("{other:?}"),
        };
        let is_version = key.partition == "SETTINGS";
        if !is_version && retention.is_over(Timestamp::from_millis(recorded_at), now) && random.u8(..4) > 0 {
            let mut transaction = Transaction::default();
            transaction.delete(Table::History, Key::new(key.partition, key.sort));
            store.transact(transaction).await.unwrap();
            gone += 1;
        }
    }
    gone
}

#[tokio::test]
async fn an_untampered_history_is_found_right() {
    let mut expired = 0;
    for seed in 0..cases(12, 1000) {
        let history = history(seed).await;
        let now = lambda::now();
        let found = rebuilder(&history, Retention::FOREVER).rebuild(first_day(), now).await.unwrap();
        assert!(found.is_right(), "{seed}: {found:?}");
        let (code, text) = run_on(&history.file, &["export"]);
        assert_eq!(code, Some(0), "{seed}: {text}");
        assert_eq!(Export::read(&text).unwrap().verify(&series(&history)), [], "{seed}");
        if seed % 4 == 0 {
            assert_eq!(python::verify(&text, &history.anchors()), (Some(0), None), "{seed}");
            // A part of it.
            let since = first_day().plus_millis(DAY + DAY / 2).to_string();
            for more in [&["--environment", "staging"][..], &["--until", &since]] {
                let (_, part) = run_on(
                    &history.file,
                    &[&["export", "--since", &first_day().plus_millis(DAY / 3).to_string()], more].concat(),
                );
                assert_eq!(Export::read(&part).unwrap().verify(&series(&history)), [], "{seed}: {more:?}");
                assert_eq!(python::verify(&part, &history.anchors()), (Some(0), None), "{seed}: {more:?}");
            }
        }
        let retention = Retention::of_days(3).unwrap();
        expired += expire(&history, retention, &mut Rng::with_seed(seed)).await;
        let found = rebuilder(&history, retention).rebuild(first_day(), now).await.unwrap();
        assert!(found.broken.is_empty() && found.unanchored.is_empty(), "{seed}, with retention: {found:?}");
    }
    assert!(expired > 0, "some events are gone");
}

#[test]
fn writers_at_work_and_anchors_made_meanwhile_are_found_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = crate::listener::program::Program::start("true", &["--data", file.to_str().unwrap()]);
    let writers = crate::writers::Writers::start(&program.address, "d", 4);
    for _ in 0..cases(3, 30) {
        let (code, printed) = run_on(&file, &["anchor"]);
        assert!(code == Some(0) && printed.contains("root "), "{printed}");
        let (code, printed) = run_on(&file, &["verify"]);
        assert_eq!(code, Some(0), "{printed}");
    }
    assert_eq!(writers.stop().refused(), []);
    let (code, printed) = run_on(&file, &["verify"]);
    assert!(code == Some(0) && printed.contains("Compared with"), "{printed}");
}

#[test]
fn anchors_that_are_made_at_once_are_one_series() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("history.db");
    let program = crate::listener::program::Program::start("true", &["--data", file.to_str().unwrap()]);
    let writers = crate::writers::Writers::start(&program.address, "d", 1);
    std::thread::scope(|scope| {
        let anchoring = || assert_eq!(run_on(&file, &["anchor"]).0, Some(0));
        for made in (0..8).map(|_| scope.spawn(anchoring)).collect::<Vec<_>>() {
            made.join().unwrap();
        }
    });
    assert_eq!(writers.stop().refused(), []);
    let (code, printed) = run_on(&file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}
