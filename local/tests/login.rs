//! How a browser comes in where there are tokens: by a form, which gives it a cookie for pages and nothing else.

use std::path::Path;
use std::sync::Arc;

use local::listener::{Admission, Limits};
use local::tokens::Tokens;

use crate::listener::program::Program;
use crate::listener::{HANGS, Opened, header, status};
use crate::tokens::{add, folder};

const RECORD: &str = "form=00112233445566778899aabbccddeeff&what=completed&service=cart&newService=yes&version=1&\
                      newVersion=yes&newEnvironment=production";

async fn opened(file: &Path) -> Opened {
    let tokens = Some(Arc::new(Tokens::open(file.to_owned()).unwrap()));
    Opened::with(Limits::default(), Admission { tokens, ..Admission::default() }, None).await
}

impl Opened {
    /// What a browser sends when its reader goes somewhere.
    async fn goes_to(&self, path: &str, cookie: &str) -> String {
        let address = self.address;
        self.answer(&format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html,*/*\r\nSec-Fetch-Mode: navigate\r\n\
             Sec-Fetch-Site: none\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        ))
        .await
    }

    /// What a browser sends from a form on a page of this server.
    async fn sends(&self, path: &str, cookie: &str, form: &str) -> String {
        self.sends_as(path, cookie, form, "same-origin", &format!("http://{}", self.address)).await
    }

    async fn sends_as(&self, path: &str, cookie: &str, form: &str, site: &str, origin: &str) -> String {
        let (address, length) = (self.address, form.len());
        self.answer(&format!(
            "POST {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/html,*/*\r\nSec-Fetch-Mode: navigate\r\n\
             Sec-Fetch-Site: {site}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{form}"
        ))
        .await
    }

    /// Logs in, and answers the cookie as it is sent from then on.
    async fn logs_in(&self, token: &str) -> String {
        let answer = self.sends("/login", "", &format!("token={token}&to=%2Flive")).await;
        assert_eq!((status(&answer), header(&answer, "location")), (303, Some("/live")), "{answer}");
        let kept = header(&answer, "set-cookie").unwrap();
        let name = format!("deployment-status-{}=", self.address.port());
        assert!(
            kept.starts_with(&name) && kept.ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000"),
            "{kept}"
        );
        kept.split(';').next().unwrap().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_to_a_page_is_led_to_the_form_and_on_from_there() {
    let (_folder, file) = folder();
    let token = add(&file, "ana", "read,record");
    let listener = opened(&file).await;
    for (path, to) in [
        ("/", "%2F"),
        ("/live?only=wrong&filter=a+b", "%2Flive%3Fonly%3Dwrong%26filter%3Da%2Bb"),
        ("/deployments/a%2Fb", "%2Fdeployments%2Fa%252Fb"),
        ("/record", "%2Frecord"),
        ("/nowhere", "%2Fnowhere"),
    ] {
        let answer = listener.goes_to(path, "").await;
        let login = format!("/login?to={to}");
        assert_eq!((status(&answer), header(&answer, "location")), (303, Some(login.as_str())), "{answer}");
        let form = listener.goes_to(&login, "").await;
        assert!(status(&form) == 200 && form.contains("type=\"password\""), "{form}");
        assert!(form.contains(&format!("name=\"to\" value=\"{}\"", path.replace('&', "&amp;"))), "{form}");
    }
    // A program is told what it always was, and so is the script of a page.
    for path in ["/", "/live", "/v1/live"] {
        let answer =
            listener.answer(&format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).await;
        assert_eq!((status(&answer), header(&answer, "www-authenticate")), (401, Some("Bearer")), "{answer}");
    }
    let script = "GET /live HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nSec-Fetch-Mode: cors\r\nConnection: close\r\n\r\n";
    assert_eq!(status(&listener.answer(script).await), 401);

    let cookie = listener.logs_in(&token).await;
    for path in ["/", "/live", "/deployments", "/record", "/bad/mark", "/v1/live", "/openapi.json"] {
        assert_eq!(status(&listener.goes_to(path, &cookie).await), 200, "{path}");
    }
    let out = listener.goes_to("/logout", &cookie).await;
    assert!(out.contains("<strong>ana</strong>"), "{out}");
    let left = listener.sends("/logout", &cookie, "").await;
    assert_eq!((status(&left), header(&left, "location")), (303, Some("/login")));
    assert!(header(&left, "set-cookie").unwrap().contains("=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"), "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_asked_for_again_and_nobody_is_led_elsewhere() {
    let (_folder, file) = folder();
    let token = add(&file, "ana", "read");
    let listener = opened(&file).await;
    for wrong in ["", "dst_guessed", "%22%3E%3Cscript%3E", &token[..20]] {
        let answer = listener.sends("/login", "", &format!("token={wrong}&to=%2Flive")).await;
        assert_eq!((status(&answer), header(&answer, "set-cookie")), (401, None), "{answer}");
        assert!(answer.contains("the token is not known") && answer.contains("aria-invalid=\"true\""), "{answer}");
        assert!(answer.contains("name=\"to\" value=\"/live\""), "where to is kept: {answer}");
        assert!(wrong.is_empty() || !answer.contains(wrong) && !answer.contains("<script>"), "{answer}");
    }
    for to in
        ["https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "%2Flogin", "", "%2Fa%0D%0AX%3A+y"]
    {
        let answer = listener.sends("/login", "", &format!("token={token}&to={to}")).await;
        assert_eq!((status(&answer), header(&answer, "location")), (303, Some("/")), "{to}: {answer}");
    }
    let own = format!("http://{}", listener.address);
    for (site, origin) in [("cross-site", own.as_str()), ("same-origin", "http://evil.example"), ("none", "null")] {
        let answer = listener.sends_as("/login", "", &format!("token={token}"), site, origin).await;
        assert_eq!((status(&answer), header(&answer, "set-cookie")), (403, None), "{answer}");
    }
    let silent = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\ntoken={token}",
        token.len() + 6
    );
    assert_eq!(status(&listener.answer(&silent).await), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_counts_for_pages_and_forms_and_the_rights_are_the_tokens() {
    let (_folder, file) = folder();
    let [reads, records, reports] =
        [("reads", "read"), ("ana", "read,record"), ("ci", "report")].map(|(name, may)| add(&file, name, may));
    let listener = opened(&file).await;
    let [reads, records, reports] =
        [listener.logs_in(&reads).await, listener.logs_in(&records).await, listener.logs_in(&reports).await];

    for (method, path) in [("GET", "/record"), ("GET", "/bad/mark"), ("POST", "/record"), ("POST", "/bad")] {
        for (cookie, missing) in [(&reads, "record"), (&reports, "read")] {
            let answer = if method == "GET" {
                listener.goes_to(path, cookie).await
            } else {
                listener.sends(path, cookie, RECORD).await
            };
            assert_eq!(status(&answer), 403, "{method} {path}: {answer}");
            assert!(
                answer.contains(&format!("does not have the right `{missing}`")) && answer.contains("href=\"/login\""),
                "{answer}"
            );
        }
    }
    assert_eq!(status(&listener.goes_to("/live", &reports).await), 403);
    assert_eq!(status(&listener.sends("/record", "", RECORD).await), 401);

    let recorded = listener.sends("/record", &records, RECORD).await;
    let deployment = "/deployments/by-hand-00112233445566778899aabbccddeeff";
    assert_eq!((status(&recorded), header(&recorded, "location")), (303, Some(deployment)), "{recorded}");
    let trail = listener.goes_to(&format!("/v1{deployment}/events"), &reads).await;
    assert!(trail.contains("\"producer\":\"token:ana\"") && trail.contains("\"actor\":\"token:ana\""), "{trail}");
    assert_eq!(status(&listener.goes_to(deployment, &reads).await), 200);
    let form = listener.goes_to("/record", &records).await;
    assert!(form.contains("<strong>token:ana</strong>") && form.contains("href=\"/logout\""), "{form}");

    // What programs send is none of a browser's, which sends its cookie by itself.
    for path in ["/v1/events", "/local/eventbridge", "/local/explain"] {
        assert_eq!(status(&listener.sends(path, &reports, "{}").await), 401, "{path}");
        assert_eq!(status(&listener.sends(path, &records, "{}").await), 401, "{path}");
    }
    let own = format!("http://{}", listener.address);
    for (site, origin) in [("cross-site", own.as_str()), ("same-origin", "http://evil.example"), ("none", own.as_str())]
    {
        let answer = listener.sends_as("/record", &records, RECORD, site, origin).await;
        assert_eq!(status(&answer), 403, "{site} {origin}: {answer}");
    }
    // A token in the header is the one that counts.
    let both = format!(
        "GET /live HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer dst_wrong\r\nCookie: {reads}\r\nConnection: close\r\n\r\n",
        listener.address
    );
    assert_eq!(status(&listener.answer(&both).await), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_of_one_port_and_of_a_token_that_still_is() {
    let (_folder, file) = folder();
    let token = add(&file, "ana", "read");
    let (listener, other) = (opened(&file).await, opened(&file).await);
    let cookie = listener.logs_in(&token).await;
    assert_eq!(status(&other.goes_to("/live", &cookie).await), 303);
    assert_eq!(status(&listener.goes_to("/live", &cookie).await), 200);
    assert!(crate::tokens::run(&file, &["revoke", "ana"]).status.success());
    let answer = listener.goes_to("/live", &cookie).await;
    assert_eq!((status(&answer), header(&answer, "location")), (303, Some("/login?to=%2Flive")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tokens_nobody_logs_in_and_a_form_still_needs_its_page() {
    let listener = Opened::usual().await;
    for answer in [
        listener.goes_to("/login", "").await,
        listener.sends("/login", "", "token=x").await,
        listener.goes_to("/logout", "").await,
    ] {
        assert!(status(&answer) == 404 && answer.contains("needs no token"), "{answer}");
    }
    let recorded = listener.sends("/record", "", RECORD).await;
    assert_eq!(status(&recorded), 303, "{recorded}");
    let form = format!(
        "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n",
        RECORD.len()
    );
    let silent = listener.answer(&format!("POST /record HTTP/1.1\r\n{form}\r\n{RECORD}")).await;
    assert!(status(&silent) == 403 && silent.contains("nothing says which page sent it"), "{silent}");
    let long = listener.sends("/record", "", &"x".repeat(70_000)).await;
    assert_eq!(status(&long), 413, "{long}");
}

#[test]
fn over_tls_the_cookie_is_for_tls_alone_and_no_token_is_in_the_log() {
    let (_folder, file) = folder();
    let token = add(&file, "ana", "read");
    let arguments =
        ["--listen", "127.0.0.1:0", "--allow-remote", "--log-level", "debug", "--tokens", file.to_str().unwrap()];
    let program = Program::start("true", &arguments);
    assert!(
        program.printed.iter().any(|line| line.ends_with("in a browser, and log in with a token.")),
        "{:?}",
        program.printed
    );
    let asked = |form: &str| {
        let length = form.len();
        let request = format!(
            "POST /login HTTP/1.1\r\nHost: status.example.com\r\nX-Forwarded-Proto: https\r\n\
             Origin: https://status.example.com\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{form}"
        );
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut program.sent(&request), &mut answer).unwrap();
        answer
    };
    let answer = asked(&format!("token={token}"));
    let kept = header(&answer, "set-cookie").unwrap();
    assert!(kept.starts_with("deployment-status=dst_") && kept.ends_with("; Secure"), "{kept}");
    assert_eq!(status(&asked("token=dst_guessed")), 401);
    program.signal("TERM");
    let (_, said) = program.end(HANGS);
    assert!(said.contains("logged in") && said.contains("a token that is not known was given"), "{said}");
    assert!(!said.contains(&token[4..]) && !said.contains("guessed"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_cookies_that_of_this_server_counts_where_there_is_one() {
    let (_folder, file) = folder();
    let token = add(&file, "ana", "read");
    let server = opened(&file).await;
    let (name, other) = (format!("deployment-status-{}", server.address.port()), server.address.port() ^ 1);
    for (cookies, seen) in [
        (format!("{name}={token}"), true),
        (format!("x=y; {name}={token}; z"), true),
        (format!("deployment-status-{other}={token}"), false),
        (format!("deployment-status={token}"), false),
        (format!("{name}={token}; {name}=another"), false),
        (format!("{name}="), false),
    ] {
        assert_eq!(status(&server.goes_to("/live", &cookies).await), if seen { 200 } else { 303 }, "{cookies}");
    }
}
