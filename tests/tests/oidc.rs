//! Logins at a real `OpenID` provider: the binaries as they are deployed, over HTTPS to the provider, in which people log
//! in as a browser would have them. It needs Node, so it is not part of `cargo test`: `cargo xtask login` runs it.

use login::{LoginSecret, Session};
use serde_json::json;

mod browser;
mod provider;
mod site;

use browser::Browser;
use site::{SECRET, Site};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Node: cargo xtask login"]
async fn someone_logs_in_sees_pages_and_logs_out() {
    let mut site = Site::open(&json!({})).await;
    site.provider.command(&json!({"user": {"sub": "alice", "name": "Alice <b>", "groups": ["operators"]}})).await;
    let mut browser = Browser::default();
    let asked = browser.get(&mut site, "/live?only=wrong").await;
    assert_eq!((asked.status, asked.header("location")), (303, "/login?to=%2Flive%3Fonly%3Dwrong"));

    let callback = browser.log_in(&mut site, asked.header("location")).await;
    let entered = browser.get(&mut site, &callback).await;
    assert_eq!((entered.status, entered.header("location")), (303, "/live?only=wrong"), "{}", site.query.log());
    let [session, attempt] = &entered.cookies[..] else { panic!("{:?}", entered.cookies) };
    assert!(
        session.starts_with("__Host-session=")
            && session.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=28800")
    );
    assert!(session.len() <= 1024 && attempt.starts_with("__Host-login=;"), "{session} {attempt}");
    let shown = browser.get(&mut site, "/live?only=wrong").await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("Signed in as <bdi>Alice &lt;b&gt;</bdi>"), "{}", shown.body);

    // What is sealed says who it is and what they may, and has neither a token nor a group in it.
    let secret = LoginSecret::parse(SECRET).unwrap();
    let sealed = browser.ours["__Host-session"].clone();
    let opened = secret.keys().open(login::Purpose::Session, &sealed).unwrap();
    let opened: serde_json::Value = serde_json::from_slice(&opened).unwrap();
    let mut names: Vec<&String> = opened.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["e", "i", "n", "r", "s", "w"], "{opened}");
    let open = |millis: i64| Session::open(secret.keys(), Some(&sealed), lambda::now().plus_millis(millis));
    assert!(open(8 * 3_600_000 - 60_000).is_ok() && open(8 * 3_600_000).is_err(), "it lasts eight hours");

    let out = browser.send(&mut site, "/logout", "").await;
    assert_eq!(out.status, 200, "{}", out.body);
    let link = out.body.split("href=\"").find(|link| link.starts_with(&site.issuer)).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(browser.at_issuer(&site, &link).await.status, 200, "{link}");
    assert_eq!(browser.get(&mut site, "/live").await.status, 303, "the session is gone");
    // Its time is over, as it will be eight hours after a login.
    browser.begin_session_before(&secret, 8 * 3600);
    assert_eq!(browser.get(&mut site, "/live").await.status, 303);
    browser.begin_session_before(&secret, 8 * 3600 - 60);
    assert_eq!(browser.get(&mut site, "/live").await.status, 200);
    site.expect_nothing_of_a_token_in_the_log(&[&callback, &sealed]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Node: cargo xtask login"]
async fn an_answer_that_comes_twice_or_is_of_no_login_is_refused() {
    let mut site = Site::open(&json!({})).await;
    site.provider.command(&json!({"user": {"sub": "alice"}})).await;
    let mut browser = Browser::default();
    let callback = browser.log_in(&mut site, "/login").await;
    let (before, copied) = (browser.ours.clone(), browser.ours["__Host-login"].clone());

    // Someone else's browser, one that forged the state, and one that took too long.
    let mut other = Browser::default();
    let refused = other.get(&mut site, &callback).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("no login is under way in this browser"), "{}", refused.body);
    let forged = callback.replace("state=", "state=x");
    let refused = browser.get(&mut site, &forged).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("not of the login that was begun here"), "{}", refused.body);
    other.begin_attempt_before(601);
    let state = other.state.clone();
    let refused = other.get(&mut site, &format!("/login/callback?code=x&state={state}")).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("took more than ten minutes"), "{}", refused.body);

    assert_eq!(browser.get(&mut site, &callback).await.status, 303, "{}", site.query.log());
    // The cookie of the login is taken away; whoever kept it still has a code that was used.
    assert!(!browser.ours.contains_key("__Host-login"));
    assert_eq!(browser.get(&mut site, &callback).await.status, 400);
    let mut replaying = Browser { ours: before, ..Browser::default() };
    let refused = replaying.get(&mut site, &callback).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(refused.body.contains("refused the code, which can be used once"), "{}", refused.body);
    assert!(!replaying.ours.contains_key("__Host-session"));
    site.expect_nothing_of_a_token_in_the_log(&[&callback, &copied]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Node: cargo xtask login"]
async fn a_token_that_is_not_of_this_login_is_not_taken() {
    let mut site = Site::open(&json!({})).await;
    site.provider.command(&json!({"user": {"sub": "alice"}})).await;
    for (altered, says) in [
        (json!({"aud": "another"}), "it is for another audience"),
        (json!({"aud": ["deployment-status", "another"]}), "it is for another audience"),
        (json!({"iss": "https://localhost"}), "another issuer made it"),
        (json!({"nonce": "of an earlier login"}), "it is of another login"),
        (json!({"exp": 1_700_000_000}), "its time is over"),
    ] {
        site.provider.command(&json!({"alter": altered})).await;
        let mut browser = Browser::default();
        let callback = browser.log_in(&mut site, "/login").await;
        let refused = browser.get(&mut site, &callback).await;
        assert_eq!(refused.status, 403, "{altered}: {}", refused.body);
        assert!(
            refused.body.contains(says) && !browser.ours.contains_key("__Host-session"),
            "{altered}: {}",
            refused.body
        );
        site.expect_nothing_of_a_token_in_the_log(&[&callback]);
    }
    // The same way, with nothing altered.
    site.provider.command(&json!({"alter": {}})).await;
    let mut browser = Browser::default();
    let callback = browser.log_in(&mut site, "/login").await;
    assert_eq!(browser.get(&mut site, &callback).await.status, 303, "{}", site.query.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Node: cargo xtask login"]
async fn a_new_key_of_the_issuer_is_looked_for_and_not_all_the_time() {
    let mut site = Site::open(&json!({})).await;
    site.provider.command(&json!({"user": {"sub": "alice"}})).await;
    for (rotated, status) in [(false, 303), (true, 303), (false, 303), (true, 403)] {
        if rotated {
            site.provider.command(&json!({"rotate": true})).await;
        }
        let mut browser = Browser::default();
        let callback = browser.log_in(&mut site, "/login").await;
        let answer = browser.get(&mut site, &callback).await;
        assert_eq!(answer.status, status, "rotated: {rotated}: {}", site.query.log());
        // A second new key within a minute has to wait.
        assert_eq!(status == 403, answer.body.contains("a key that the issuer does not show"), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs Node: cargo xtask login"]
async fn people_may_what_the_settings_permit() {
    let mut site = Site::open(&json!({"permissions": [
        {"who": "group:operators", "may": ["read"]},
        {"who": "oidc:bob", "may": ["read", "record"]},
    ]}))
    .await;
    for (user, may_read, may_record) in [
        (json!({"sub": "alice", "groups": ["operators"]}), true, false),
        (json!({"sub": "bob"}), true, true),
        (json!({"sub": "eve", "groups": ["others"], "name": "oidc:bob"}), false, false),
    ] {
        site.provider.command(&json!({"user": user})).await;
        let mut browser = Browser::default();
        let callback = browser.log_in(&mut site, "/login?to=/live").await;
        let entered = browser.get(&mut site, &callback).await;
        assert_eq!(entered.status, if may_read { 303 } else { 403 }, "{user}: {}", entered.body);
        assert_eq!(browser.ours.contains_key("__Host-session"), may_read, "{user}");
        if !may_read {
            assert!(entered.body.contains("give oidc:eve no right `read`"), "{}", entered.body);
            continue;
        }
        assert_eq!(browser.get(&mut site, "/live").await.status, 200, "{user}");
        let secret = LoginSecret::parse(SECRET).unwrap();
        let session = Session::open(secret.keys(), Some(&browser.ours["__Host-session"]), lambda::now()).unwrap();
        let form = format!("csrf={}", session.csrf(secret.keys()));
        let sent = browser.send(&mut site, "/record", &form).await;
        assert_eq!(![401, 403].contains(&sent.status), may_record, "{user}: {}", sent.body);
        let forged = browser.send(&mut site, "/record", "csrf=x").await;
        assert_eq!(forged.status, 403, "{user}: {}", forged.body);
    }
    site.provider.command(&json!({"user": null})).await;
    let mut browser = Browser::default();
    let callback = browser.log_in(&mut site, "/login").await;
    let refused = browser.get(&mut site, &callback).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("refused: access_denied"), "{}", refused.body);
}
