//! Anchors are written once, day by day and on request, and what they are compared with is said.

use std::fs;

use local::anchors::{making, read};

use super::histories::{DAY, HOUR, first_day, history};
use crate::listener::program::{Program, run_on};

#[tokio::test]
async fn a_day_is_anchored_once_and_what_comes_later_in_the_next() {
    let history = history(3).await;
    let (series, wrong) = read(&history.anchors()).unwrap();
    assert!(wrong.is_empty() && series.problems().is_empty());
    let last = series.last().unwrap().record.clone();
    assert_eq!(last.day, first_day().plus_millis(3 * DAY).day());
    let at = first_day().plus_millis(4 * DAY + HOUR);
    assert!(making::of_closed_days(&history.store(), &history.anchors(), at).await.unwrap().is_none());
    let next = first_day().plus_millis(5 * DAY + HOUR);
    let (anchor, path) = making::of_closed_days(&history.store(), &history.anchors(), next).await.unwrap().unwrap();
    assert_eq!((anchor.record.number, anchor.record.size), (last.number + 1, 0), "nothing happened, and that is said");
    assert!(path.ends_with(format!("{:06}-{}.json", last.number + 1, first_day().plus_millis(4 * DAY).day())));
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert!(code == Some(0) && printed.contains(&format!("Compared with {} anchors.", last.number + 1)), "{printed}");
}

#[tokio::test]
async fn anchors_that_were_altered_are_found_and_no_other_is_made_behind_them() {
    let history = history(4).await;
    let copy = history.file.with_file_name("copy");
    fs::create_dir(&copy).unwrap();
    for file in fs::read_dir(history.anchors()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), copy.join(file.file_name())).unwrap();
    }
    let first = fs::read_dir(history.anchors()).unwrap().map(|file| file.unwrap().path()).min().unwrap();
    let text = fs::read_to_string(&first).unwrap();
    fs::write(&first, text.replacen("\"sequence\"", "\"sequins\"", 1).replacen(",1,", ",2,", 1)).unwrap();
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert!(code == Some(5) && printed.contains("The first day that is wrong: "), "{printed}");
    let (code, printed) = run_on(&history.file, &["anchor"]);
    assert!(code == Some(1) && printed.contains("are not what was written"), "{printed}");
    // By a copy of them the history is right.
    let (code, printed) = run_on(&history.file, &["verify", "--anchors", copy.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{printed}");
    let (code, printed) = run_on(&history.file, &["verify", "--anchors", "missing"]);
    assert!(code == Some(1) && printed.contains("--anchors must be a folder"), "{printed}");
}

#[tokio::test]
async fn a_server_anchors_what_was_closed_while_it_was_off() {
    let history = history(5).await;
    let before = fs::read_dir(history.anchors()).unwrap().count();
    let program = Program::start("true", &["--data", history.file.to_str().unwrap()]);
    let begun = std::time::Instant::now();
    while fs::read_dir(history.anchors()).unwrap().count() == before {
        assert!(begun.elapsed().as_secs() < 30, "it anchors at its start");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    drop(program);
    let (code, printed) = run_on(&history.file, &["verify"]);
    assert_eq!(code, Some(0), "{printed}");
}
