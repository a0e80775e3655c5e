//! A history that is broken is taken as it stands only by name, with a reason, and that is recorded.

use domain::DeploymentId;
use domain::identifiers::Identifier as _;
use store::transaction::Transaction;
use store::{Reader, Table, WriteItems as _};

use super::histories::{History, history};
use crate::listener::program::run_on;

/// A deployment with at least two events.
pub(super) async fn deployment(history: &History) -> (DeploymentId, u64) {
    let reader = Reader::new(history.store());
    for nth in 0..6 {
        let id = DeploymentId::parse(&format!("d-{nth}")).unwrap();
        if let Some(state) = reader.state(&id).await.unwrap().filter(|state| state.sequence > 1) {
            return (id, state.sequence);
        }
    }
    panic!("no deployment has two events");
}

async fn delete_last_event(history: &History, id: &DeploymentId) {
    let store = history.store();
    let last = Reader::new(store.clone()).trail(id).await.unwrap().records.pop().unwrap();
    let mut transaction = Transaction::default();
    transaction.delete(Table::History, store::keys::event_key(id, &last.received.key));
    store.transact(transaction).await.unwrap();
}

#[tokio::test]
async fn a_broken_history_is_adopted_only_by_name_with_a_reason_and_that_is_recorded() {
    let history = history(1).await;
    let (id, sequence) = deployment(&history).await;
    let accept = ["rebuild", "--write", "--accept-broken", id.as_str()];
    let (code, printed) = run_on(&history.file, &[&accept[..], &["--reason", "why not"]].concat());
    assert!(code == Some(1) && printed.contains("its history is not broken"), "{printed}");
    delete_last_event(&history, &id).await;
    let (code, printed) = run_on(&history.file, &["rebuild", "--write"]);
    assert!(code == Some(1) && printed.contains(&format!("event {sequence} is missing")), "{printed}");
    let (code, printed) = run_on(&history.file, &accept);
    assert!(code == Some(2) && printed.contains("--reason"), "{printed}");
    let (code, printed) = run_on(&history.file, &[&accept[..], &["--reason", "  "]].concat());
    assert!(code == Some(2) && printed.contains("must say why"), "{printed}");

    let (code, printed) = run_on(&history.file, &[&accept[..], &["--reason", "the disk lost it"]].concat());
    assert!(code == Some(0) && printed.contains("Accepted deployment"), "{printed}");
    let trail = Reader::new(history.store()).trail(&id).await.unwrap().records;
    let last = trail.last().unwrap();
    assert_eq!((last.sequence, last.received.producer.as_str()), (sequence, "deployment-status"));
    let notes = last.received.event.notes.clone().unwrap();
    assert!(notes.starts_with("Accepted as it stands: the disk lost it. What is wrong: "), "{notes}");
    assert!(notes.contains(&format!("event {sequence} is missing")), "{notes}");

    // Its chain is whole again, and still it is not what the anchors say.
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert!(code == Some(5) && printed.contains("is another one: it was rewritten"), "{printed}");
    std::fs::remove_dir_all(history.anchors()).unwrap();
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[tokio::test]
async fn of_a_deployment_without_any_events_nothing_is_left_but_that_it_was_accepted() {
    let history = history(2).await;
    let (id, sequence) = deployment(&history).await;
    for _ in 0..sequence {
        delete_last_event(&history, &id).await;
    }
    let accept = ["rebuild", "--write", "--accept-broken", id.as_str(), "--reason", "gone"];
    let (code, printed) = run_on(&history.file, &accept);
    assert!(code == Some(0) && printed.contains("Accepted deployment"), "{printed}");
    let trail = Reader::new(history.store()).trail(&id).await.unwrap().records;
    assert_eq!(trail.len(), 1);
    std::fs::remove_dir_all(history.anchors()).unwrap();
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}
