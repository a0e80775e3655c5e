use serde_json::json;
use store::items::to_item;
use store::{Item, StoreError};

use super::*;

fn item(key: &str, bytes: usize) -> Item {
    to_item(&json!({"pk": key, "sk": "s", "text": "x".repeat(bytes)})).unwrap()
}

/// A transaction of so many writes to items of its own, the first of which is conditional.
fn transaction(name: &str, writes: usize, bytes: usize) -> Transaction {
    let mut transaction = Transaction::default();
    for n in 0..writes {
        let item = item(&format!("{name}-{n}"), bytes);
        if n == 0 {
            transaction.put_new(Table::State, item);
        } else {
            transaction.put(Table::State, item);
        }
    }
    transaction
}

/// Who goes with whom.
fn whose(transactions: &[Transaction]) -> Vec<Vec<usize>> {
    let joint = joined(transactions.iter().cloned().enumerate());
    for joint in &joint {
        assert!(joint.transaction.len() <= Transaction::MOST);
    }
    joint.into_iter().map(|joint| joint.parts.into_iter().map(|(whose, _)| whose).collect()).collect()
}

#[test]
fn as_many_go_together_as_a_transaction_has_room_for() {
    let of = |sizes: &[usize]| -> Vec<Transaction> {
        sizes.iter().enumerate().map(|(n, writes)| transaction(&format!("t{n}"), *writes, 1)).collect()
    };
    assert_eq!(whose(&of(&[10; 10])), vec![(0..10).collect::<Vec<_>>()]);
    assert_eq!(whose(&of(&[50, 50])), [[0, 1]]);
    assert_eq!(whose(&of(&[50, 51])), [[0], [1]]);
    assert_eq!(whose(&of(&[99, 2, 1])), [vec![0, 2], vec![1]]);
    assert_eq!(whose(&of(&[100, 1])), [[0], [1]]);
    assert_eq!(whose(&[]), Vec::<Vec<usize>>::new());
}

#[test]
fn what_is_large_goes_alone_and_together_they_stay_below_what_is_taken() {
    let of = |sizes: &[usize]| -> Vec<Transaction> {
        sizes.iter().enumerate().map(|(n, bytes)| transaction(&format!("t{n}"), 1, *bytes)).collect()
    };
    let small = 200 * 1024;
    assert_eq!(whose(&of(&[small; 10])), vec![(0..10).collect::<Vec<_>>()]);
    assert_eq!(whose(&of(&[small; 11])), [(0..10).collect::<Vec<_>>(), vec![10]]);
    assert_eq!(whose(&of(&[1, BYTES_OF_ONE + 1, 1, 1])), [vec![0, 2, 3], vec![1]]);
    assert_eq!(whose(&of(&[BYTES_OF_ONE + 1, 1, 1])), [vec![0], vec![1, 2]]);
}

#[test]
fn no_item_is_written_twice_and_what_is_the_same_from_each_is_written_once() {
    let with = |name: &str, write: &dyn Fn(&mut Transaction)| {
        let mut transaction = transaction(name, 2, 1);
        write(&mut transaction);
        transaction
    };
    let exists = |name: &str| with(name, &|transaction| transaction.put(Table::State, item("exists", 3)));
    let joint = joined([exists("a"), exists("b")].into_iter().enumerate());
    assert_eq!(joint.len(), 1);
    assert_eq!(joint[0].transaction.len(), 5);
    assert_eq!(joint[0].parts, [(0, vec![0, 1, 2]), (1, vec![3, 4, 2])]);

    let other = |name: &str| with(name, &|transaction| transaction.put(Table::State, item("exists", 4)));
    let new = |name: &str| with(name, &|transaction| transaction.put_new(Table::State, item("exists", 3)));
    let next =
        |name: &str| with(name, &|transaction| transaction.put_next(Table::State, item("exists", 3), "r", Some(1)));
    let gone = |name: &str| {
        with(name, &|transaction| {
            let write = Write::Put { table: Table::State, item: item("exists", 3), condition: Condition::Anything };
            transaction.delete(Table::State, write.target().unwrap().1);
        })
    };
    for pair in [
        [exists("a"), other("b")],
        [exists("a"), new("b")],
        [new("a"), new("b")],
        [next("a"), next("b")],
        [exists("a"), gone("b")],
        [gone("a"), gone("b")],
    ] {
        assert_eq!(whose(&pair), [[0], [1]], "{pair:?}");
    }
    // One key in two tables is two items.
    let history = with("b", &|transaction| transaction.put_new(Table::History, item("exists", 3)));
    assert_eq!(whose(&[new("a"), history]), [[0, 1]]);
}

/// What this end means for three transactions of two writes each, the second and third of which share one.
fn meanings(ended: &Result<Outcome, StoreError>) -> Vec<String> {
    let parts = vec![(0, vec![0, 1]), (1, vec![2, 3]), (2, vec![4, 3])];
    let of = |share: Share| match share {
        Share::Ended(Ok(Outcome::Committed)) => "committed".to_owned(),
        Share::Ended(Ok(Outcome::Refused(checked))) => {
            let fails = checked.iter().position(|checked| *checked != Checked::Holds);
            format!("refused at {fails:?} of {}", checked.len())
        }
        Share::Ended(Ok(Outcome::Contended(_))) => "contended".to_owned(),
        Share::Ended(Err(error)) => format!("busy: {}", error.busy),
        Share::OfOthers => "of others".to_owned(),
        Share::Unknown => "unknown".to_owned(),
    };
    let shares = Joint::shares(&parts, ended);
    assert_eq!(shares.iter().map(|(whose, _)| *whose).collect::<Vec<_>>(), [0, 1, 2]);
    shares.into_iter().map(|(_, share)| of(share)).collect()
}

#[test]
fn whoever_is_to_blame_hears_of_it_and_nobody_else() {
    let refused = |at: &[usize]| {
        let checked = |n| if at.contains(&n) { Checked::Fails(None) } else { Checked::Holds };
        Ok(Outcome::Refused((0..5).map(checked).collect()))
    };
    let contended = |at: &[usize]| Ok(Outcome::Contended(at.to_vec()));
    for (ended, expected) in [
        (Ok(Outcome::Committed), ["committed"; 3]),
        (refused(&[1]), ["refused at Some(1) of 2", "of others", "of others"]),
        (refused(&[2]), ["of others", "refused at Some(0) of 2", "of others"]),
        (refused(&[0, 4]), ["refused at Some(0) of 2", "of others", "refused at Some(0) of 2"]),
        (contended(&[0]), ["contended", "of others", "of others"]),
        (contended(&[3]), ["of others", "contended", "contended"]),
        (contended(&[]), ["contended"; 3]),
        (Err(StoreError::busy("transact", "throttled")), ["busy: true"; 3]),
        (Err(StoreError::panicked("transact")), ["unknown"; 3]),
    ] {
        assert_eq!(meanings(&ended), expected, "{ended:?}");
    }
}

#[test]
fn whoever_is_alone_hears_what_became_of_it() {
    for ended in [
        Ok(Outcome::Committed),
        Ok(Outcome::Refused(vec![Checked::Holds])),
        Ok(Outcome::Contended(vec![7])),
        Err(StoreError::panicked("transact")),
    ] {
        let shares = Joint::shares(&[(4, vec![0])], &ended);
        assert!(matches!(&shares[..], [(4, Share::Ended(_))]), "{ended:?}: {shares:?}");
    }
}
