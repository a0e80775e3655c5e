//! When the server refuses, is not there, or the credentials are not good any more.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{answering, with_a_page};
use crate::called::Shell;
use crate::opened::Opened;
use crate::server::Double;
use crate::wire::Raw;

const WELL: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

fn with_keys(url: &str) -> Shell {
    Shell::at(url)
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", "a-secret-key")
        .with("AWS_REGION", "eu-central-1")
}

#[test]
fn a_refusal_says_whose_credentials_were_used() {
    for status in [401, 403] {
        let double = answering((status, &[], r#"{"message":"<b>Forbidden</b>"}"#.to_owned()));
        let opened = Opened::by(&with_keys(&double.url), &["--auth", "iam"]);
        let cookie = opened.enter();
        let page = opened.page(&cookie, "/live");
        assert_eq!((page.status, page.header("content-type")), (status, Some("text/html; charset=utf-8")));
        for said in [
            format!("{} refuses this: &lt;b&gt;Forbidden&lt;/b&gt;", double.url),
            "signed for eu-central-1 with the access key AKIDEXAMPLE from the variable AWS_ACCESS_KEY_ID".to_owned(),
            "lack the permission execute-api:Invoke".to_owned(),
        ] {
            assert!(page.text().contains(&said), "{said}: {}", page.text());
        }
        let problem = opened.ask("GET", "/v1/live", &[("Cookie", &cookie)], b"");
        let problem: Value = serde_json::from_slice(&problem.body).unwrap();
        assert_eq!(problem["status"], status);
        assert!(problem["detail"].as_str().unwrap().contains("access key AKIDEXAMPLE"), "{problem}");
        let stderr = opened.stop();
        assert!(stderr.contains(&format!("GET /live: the server answers {status}")), "{stderr}");
        assert!(!format!("{}{problem}{stderr}", page.text()).contains("a-secret-key"));
    }
    // The functions' own problem keeps its id, and their own page its words.
    let problem = r#"{"type":"about:blank","title":"Forbidden","status":403,"detail":"not you","instance":"id-7"}"#;
    let opened = Opened::at(&answering((403, &[], problem.to_owned())).url);
    let page = opened.page(&opened.enter(), "/live").text();
    assert!(page.contains("refuses this: not you") && page.contains("id-7"), "{page}");
    assert!(page.contains("The request had no authentication."), "{page}");
    let opened = Opened::at(&answering((403, &[("content-type", "text/html")], "<p>not you".to_owned())).url);
    assert_eq!(opened.page(&opened.enter(), "/record").text(), "<p>not you");
}

#[test]
fn a_gateway_without_a_page_is_told_from_a_page_that_is_not_there() {
    let opened = Opened::at(&answering((404, &[], r#"{"message":"Not Found"}"#.to_owned())).url);
    let cookie = opened.enter();
    let page = opened.page(&cookie, "/live");
    assert!(page.status == 404 && page.text().contains("has no page /live: Not Found"), "{page:?}");
    // A program gets what the gateway says.
    let answer = opened.ask("GET", "/live", &[("Cookie", &cookie)], b"");
    assert_eq!(answer.text(), r#"{"message":"Not Found"}"#);
}

#[test]
fn a_server_that_is_gone_is_said_to_be_and_is_found_when_it_is_back() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]);
        connection.write_all(WELL).unwrap();
    });
    let opened = Opened::at(&format!("http://{address}"));
    answering.join().unwrap();
    let cookie = opened.enter();
    let page = opened.page(&cookie, "/live");
    assert_eq!(page.status, 502);
    assert!(page.text().contains("can't reach http://127.0.0.1"), "{}", page.text());
    assert!(page.text().contains("Is the local server running?"), "{}", page.text());
    // Nothing was sent, so nothing can have been taken.
    let form = opened.write(&cookie, "/record", "application/x-www-form-urlencoded", b"a=1");
    assert!(form.status == 502 && !form.text().contains("not known"), "{}", form.text());

    let listener = TcpListener::bind(address).unwrap();
    std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]);
        connection.write_all(WELL).unwrap();
    });
    assert_eq!(opened.page(&cookie, "/live").text(), "{}");
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_longer_than_asked() {
    let raw = Raw::answering(|before| (before == 0).then(|| WELL.to_vec()));
    let opened = Opened::by(&Shell::at(&raw.url), &["--timeout", "1s"]);
    let cookie = opened.enter();
    let begun = Instant::now();
    let page = opened.page(&cookie, "/live");
    assert_eq!(page.status, 504);
    assert!(page.text().contains("did not answer within 1s"), "{}", page.text());
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let form = opened.write(&cookie, "/record", "application/x-www-form-urlencoded", b"a=1");
    assert!(form.status == 504 && form.text().contains("not known"), "{}", form.text());
}

#[test]
fn a_connection_that_breaks_is_tried_again_for_what_only_reads() {
    let raw = Raw::answering(|before| Some(if before == 0 { WELL.to_vec() } else { Vec::new() }));
    let opened = Opened::at(&raw.url);
    let cookie = opened.enter();
    assert_eq!(opened.page(&cookie, "/live").status, 502);
    assert_eq!(raw.connections(), 3, "twice, after the question whether it is well");
    let form = opened.write(&cookie, "/record", "application/x-www-form-urlencoded", b"a=1");
    assert!(form.status == 502 && form.text().contains("not known"), "{}", form.text());
    assert_eq!(raw.connections(), 4, "once");
}

#[test]
fn credentials_that_are_not_good_any_more_are_asked_for_and_new_ones_are_taken() {
    let double = with_a_page();
    let shell = Shell::at(&double.url).with("AWS_REGION", "eu-central-1").with("PATH", "/usr/bin:/bin");
    let aws = shell.home.path().join(".aws");
    fs::create_dir_all(&aws).unwrap();
    let (program, expiry) = (shell.home.path().join("credentials.sh"), shell.home.path().join("expiry"));
    // So near to their end that each request asks for new ones.
    let until = |time: chrono::DateTime<chrono::Local>| {
        let time = time.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        fs::write(&expiry, time).unwrap();
    };
    let soon = || chrono::Local::now() + Duration::from_secs(30);
    until(soon());
    let answer = format!(
        "[ -s '{0}' ] || {{ echo 'the session is over, <log> in' >&2; exit 1; }}\n\
         printf '{{\"Version\": 1, \"AccessKeyId\": \"AKIDPROGRAM\", \"SecretAccessKey\": \"x\", \
         \"SessionToken\": \"y\", \"Expiration\": \"%s\"}}' \"$(cat '{0}')\"\n",
        expiry.display()
    );
    fs::write(&program, answer).unwrap();
    let config = format!("[profile vault]\ncredential_process = sh {}\n", program.display());
    fs::write(aws.join("config"), config).unwrap();
    let opened = Opened::by(&shell, &["--auth", "iam", "--profile", "vault"]);
    let cookie = opened.enter();
    assert_eq!(opened.page(&cookie, "/live").status, 200);

    fs::write(&expiry, "").unwrap();
    let reached = double.requests().len();
    let page = opened.page(&cookie, "/live");
    assert_eq!(page.status, 503, "{}", page.text());
    assert!(page.text().contains("the session is over, &lt;log&gt; in"), "{}", page.text());
    assert!(page.text().contains("`aws sso login --profile vault`"), "{}", page.text());
    assert_eq!(double.requests().len(), reached, "nothing is sent without");

    until(soon());
    assert_eq!(opened.page(&cookie, "/live").status, 200);
}

#[test]
fn after_a_refusal_the_credentials_are_read_again() {
    let double = Double::answering(|_, request| match request.headers.get("authorization") {
        _ if request.uri.path() == "/healthz" => (200, &[], "{}".to_owned()),
        Some(by) if by.to_str().unwrap().contains("AKIDNEW") => (200, &[], "{}".to_owned()),
        _ => (403, &[], r#"{"message":"The security token included in the request is expired"}"#.to_owned()),
    });
    let shell = Shell::at(&double.url).with("AWS_REGION", "eu-central-1");
    let aws = shell.home.path().join(".aws");
    fs::create_dir_all(&aws).unwrap();
    let keys = |key: &str| {
        let text = format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n");
        fs::write(aws.join("credentials"), text).unwrap();
    };
    keys("AKIDOLD");
    let opened = Opened::by(&shell, &["--auth", "iam"]);
    let cookie = opened.enter();
    let page = opened.page(&cookie, "/live");
    assert!(page.status == 403 && page.text().contains("security token included in the request is expired"));
    keys("AKIDNEW");
    assert_eq!(opened.page(&cookie, "/live").status, 200);
}

#[test]
fn what_would_be_wrong_on_every_page_is_said_before_a_browser_opens() {
    let nowhere = Shell::empty().call(&["open"]).failed(2);
    assert!(nowhere.contains("DEPLOYMENT_STATUS_URL") && nowhere.contains("--url URL"), "{nowhere}");
    let nobody = Shell::at("http://127.0.0.1:1").call(&["open"]).failed(1);
    assert!(nobody.contains("Is the local server running?"), "{nobody}");
    let double = with_a_page();
    let no_keys = Shell::at(&double.url).with("AWS_REGION", "eu-central-1").call(&["open", "--auth", "iam"]).failed(4);
    assert!(no_keys.contains("there are no AWS credentials"), "{no_keys}");
    let no_token = Shell::at(&double.url).call(&["open", "--auth", "token"]).failed(2);
    assert!(no_token.contains("DEPLOYMENT_STATUS_TOKEN"), "{no_token}");
    for path in ["live", "https://example.com/", "//example.com"] {
        let wrong = Shell::at(&double.url).call(&["open", path]).failed(2);
        assert!(wrong.contains("must begin with"), "{wrong}");
    }
    let wrong = Shell::at(&double.url).call(&["open", "--idle", "0s"]).failed(2);
    assert!(wrong.contains("is not a duration"), "{wrong}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let taken = Shell::at(&double.url).call(&["open", "--no-browser", "--port", &port]).failed(1);
    assert!(taken.contains(&format!("can't listen on 127.0.0.1:{port}")) && taken.contains("--port"), "{taken}");
}
