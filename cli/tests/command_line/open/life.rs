//! How long it lives.

use std::os::unix::process::ExitStatusExt as _;
use std::thread::sleep;
use std::time::Duration;

use super::{answering, with_a_page};
use crate::called::Shell;
use crate::opened::Opened;
use crate::server::Double;

#[test]
fn it_ends_when_nobody_uses_it() {
    let double = with_a_page();
    let opened = Opened::by(&Shell::at(&double.url), &["--idle", "2s"]);
    let cookie = opened.enter();
    // Each use counts from anew; whoever is refused does not use it.
    for _ in 0..4 {
        sleep(Duration::from_secs(1));
        assert_eq!(opened.page(&cookie, "/live").status, 200);
    }
    sleep(Duration::from_secs(1));
    assert_eq!(opened.page("", "/live").status, 403);
    let (status, after, stderr) = opened.ended();
    assert!(status.success(), "{stderr}");
    assert!(after < Duration::from_millis(1900), "the refused request does not count: {after:?}");
    assert!(stderr.ends_with("Nobody used it for 2s, so it has ended.\n"), "{stderr}");
}

#[test]
fn it_does_not_end_while_a_request_is_under_way() {
    let slow = Double::answering(|_, request| {
        if request.uri.path() == "/slow" {
            // Other requests are answered meanwhile.
            tokio::task::block_in_place(|| sleep(Duration::from_secs(5)));
        }
        (200, &[], "{}".to_owned())
    });
    let opened = Opened::by(&Shell::at(&slow.url), &["--idle", "3s"]);
    let cookie = opened.enter();
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| opened.page(&cookie, "/slow").status);
        sleep(Duration::from_millis(200));
        assert_eq!(opened.page(&cookie, "/fast").status, 200);
        assert!(!slow.is_finished(), "one does not wait for the other");
        assert_eq!(slow.join().unwrap(), 200);
    });
    assert!(opened.ended().0.success());
}

#[test]
fn it_ends_at_once_when_it_is_told_to() {
    let double = answering((200, &[], "{}".to_owned()));
    for (name, number) in [("-INT", 2), ("-TERM", 15)] {
        let opened = Opened::at(&double.url);
        opened.enter();
        opened.signal(name);
        let (status, after, _) = opened.ended();
        assert_eq!(status.signal(), Some(number));
        assert!(after < Duration::from_secs(2), "{after:?}");
    }
}
