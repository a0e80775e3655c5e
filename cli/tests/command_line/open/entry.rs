//! The first address, the cookie, and the browser.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use super::with_a_page;
use crate::called::Shell;
use crate::opened::Opened;

#[test]
fn the_first_address_works_once_and_becomes_a_cookie_of_this_port() {
    let double = with_a_page();
    let opened = Opened::by(&Shell::at(&double.url), &["/deployments/a%2Fb?x=1"]);
    assert_eq!(opened.printed["server"], double.url);
    assert_eq!(opened.printed["idleSeconds"], 8 * 3600);

    let entered = opened.ask("GET", opened.first_target(), &[], b"");
    assert_eq!((entered.status, entered.header("location")), (303, Some("/deployments/a%2Fb?x=1")));
    assert_eq!(entered.header("cache-control"), Some("no-store"));
    let cookie = entered.header("set-cookie").unwrap();
    let (cookie, attributes) = cookie.split_once(';').unwrap();
    assert_eq!(attributes, " Path=/; HttpOnly; SameSite=Strict");
    let (name, value) = cookie.split_once('=').unwrap();
    assert_eq!((name, value.len()), (format!("deployment-status-{}", opened.port).as_str(), 64));
    let key = opened.first_target().strip_prefix("/?open=").unwrap();
    assert!(key.len() == 32 && !value.contains(key), "{key} {value}");

    assert_eq!(opened.page(cookie, "/deployments/a%2Fb?x=1").text(), "<p>a page</p>");
    // Whoever has the cookie may come back to it, and nobody else.
    assert_eq!(opened.page(cookie, opened.first_target()).status, 303);
    let again = opened.ask("GET", opened.first_target(), &[], b"");
    assert_eq!((again.status, again.header("set-cookie")), (403, None), "{again:?}");
    assert!(again.text().contains("works once") && again.text().contains("deployment-status open"), "{again:?}");
    assert!(!double.requests().iter().any(|request| request.uri.to_string().contains("open=")));
}

#[test]
fn a_wrong_key_does_not_use_the_address_up() {
    let double = with_a_page();
    let opened = Opened::at(&double.url);
    let right = opened.first_target().to_owned();
    let head = opened.ask("HEAD", &right, &[], b"");
    assert_eq!(head.status, 403, "a program that only looks gets no cookie");
    for wrong in ["/?open=", &right[..right.len() - 1], &format!("{right}0"), &right.replace("open=", "open=0")] {
        assert_eq!(opened.ask("GET", wrong, &[], b"").status, 403, "{wrong}");
    }
    let from_elsewhere = [("Sec-Fetch-Site", "cross-site")];
    assert_eq!(opened.ask("GET", &right, &from_elsewhere, b"").status, 403);
    assert_eq!(opened.ask("GET", &right, &[("Sec-Fetch-Site", "none")], b"").status, 303);
}

#[test]
fn the_browser_is_opened_with_the_printed_address() {
    let double = with_a_page();
    let shell = Shell::at(&double.url);
    let folder = shell.home.path().join("bin");
    fs::create_dir(&folder).unwrap();
    let (browser, asked) = (folder.join("xdg-open"), folder.join("asked"));
    fs::write(&browser, format!("#!/bin/sh\nprintf %s \"$*\" >'{0}.part' && mv '{0}.part' '{0}'\n", asked.display()))
        .unwrap();
    fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let shell = shell.with("PATH", &path);
    let mut command = shell.command(&["open", "-o", "text", "--idle", "3s"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..500 {
        if asked.exists() {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    let output = child.wait_with_output().unwrap();
    let asked = fs::read_to_string(asked).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{asked}\n"));
    assert!(asked.starts_with("http://127.0.0.1:") && asked.contains("/?open="), "{asked}");
    assert!(output.status.success());
}

#[test]
fn without_a_browser_the_address_is_to_be_opened_by_hand() {
    let double = with_a_page();
    let shell = Shell::at(&double.url).with("PATH", "/nowhere");
    let called = shell.call(&["open", "--idle", "1s"]);
    assert_eq!(called.code, 0, "{called:?}");
    assert!(called.stdout.starts_with("http://127.0.0.1:") && called.stdout.lines().count() == 1, "{called:?}");
    assert!(called.stderr.contains("no browser can be opened"), "{called:?}");
    assert!(called.stderr.contains("Nobody used it for 1s, so it has ended."), "{called:?}");
    // With --no-browser nothing is tried.
    let called = shell.call(&["open", "--idle", "1s", "--no-browser"]);
    assert!(called.code == 0 && !called.stderr.contains("browser"), "{called:?}");
}
