//! How long it lives.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::thread::{sleep, spawn};
use std::time::Duration;

use super::{answering, with_a_page};
use crate::called::Shell;
use crate::opened::Opened;

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

/// A server that takes 5 seconds for `/slow`, and answers others meanwhile.
fn slow_for_some() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    spawn(move || {
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            spawn(move || {
                let mut head = [0; 4096];
                let length = connection.read(&mut head).unwrap();
                if head[..length].starts_with(b"GET /slow ") {
                    sleep(Duration::from_secs(5));
                }
                connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            });
        }
    });
    format!("http://{address}")
}

#[test]
fn it_does_not_end_while_a_request_is_under_way() {
    let opened = Opened::by(&Shell::at(&slow_for_some()), &["--idle", "3s"]);
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
    let opened = Opened::at(&double.url);
    opened.enter();
    // Not by SIGINT, which whoever is started in the background may have been told to ignore.
    opened.signal("-TERM");
    let (status, after, _) = opened.ended();
    assert_eq!(status.signal(), Some(15));
    assert!(after < Duration::from_secs(2), "{after:?}");
}
