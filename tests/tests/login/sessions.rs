use super::*;

const PAGES: [&str; 5] = ["/", "/live", "/compare", "/deployments", "/deployments/a/b"];

#[tokio::test]
async fn without_a_session_a_browser_is_led_to_the_login_and_back() {
    let world = world().await;
    for path in PAGES {
        let answer = get(&world, path, &[]).await;
        assert_eq!((answer.status, answer.body.as_str()), (303, ""), "{path}");
        let to = answer.header("location").strip_prefix("/login?to=").unwrap();
        assert_eq!(percent_encoding::percent_decode_str(to).decode_utf8().unwrap(), path);
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let answer = get(&world, "/live?only=wrong&filter=a%20%26b", &[]).await;
    assert_eq!(answer.header("location"), "/login?to=%2Flive%3Fonly%3Dwrong%26filter%3Da%2B%2526b");
    // What tells nothing is for everyone.
    assert_eq!(get(&world, &pages::assets::style().path, &[]).await.status, 200);
}

#[tokio::test]
async fn without_a_session_a_script_and_a_program_are_told_so() {
    let world = world().await;
    let script = get(&world, "/live", &[("sec-fetch-dest", "empty")]).await;
    assert_eq!(script.status, 401);
    assert!(script.body.contains("href=\"/login?to=%2Flive\""), "{}", script.body);
    let program = get(&world, "/live", &[("accept", "*/*")]).await;
    assert_eq!((program.status, program.header("content-type")), (401, "application/problem+json"));
    let sent = browse(&world, ("POST", "/live"), &[], "", at(0)).await;
    assert_eq!(sent.status, 401);
}

#[tokio::test]
async fn with_a_session_pages_are_those_of_whoever_it_is() {
    let world = world().await;
    let (cookie, csrf) = session("alice", RECORD, at(0));
    for path in &PAGES[..4] {
        let answer = get(&world, path, &[("cookie", &cookie)]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, "private, no-cache"), "{path}");
        assert!(answer.body.contains("Signed in as <bdi>Alice &lt;b&gt;</bdi>"), "{path}: {}", answer.body);
        assert!(answer.body.contains("action=\"/logout\""), "{path}");
    }
    let first = get(&world, "/live", &[("cookie", &cookie)]).await;
    let known = first.header("etag").to_owned();
    assert_eq!(get(&world, "/live", &[("cookie", &cookie), ("if-none-match", &known)]).await.status, 304);
    // What a browser keeps of one session is not shown to the next.
    let (other, _) = session("alice", RECORD, at(0));
    assert_eq!(get(&world, "/live", &[("cookie", &other), ("if-none-match", &known)]).await.status, 200);
    assert_ne!(csrf, session("alice", RECORD, at(0)).1);
}

#[tokio::test]
async fn a_session_ends_after_eight_hours_and_with_a_new_key() {
    let world = world().await;
    let (cookie, _) = session("alice", READ, at(0));
    let headers = [("cookie", cookie.as_str())];
    let after = |seconds| browse(&world, ("GET", "/live"), &headers, "", at(seconds));
    assert_eq!(after(8 * 3600 - 1).await.status, 200);
    assert_eq!(after(8 * 3600).await.status, 303);
    let new = SECRET.replace("AAEC", "AAED");
    let (of_another_key, _) = session_by(&new, "alice", READ, at(0));
    let (before, after_it) = cookie.split_at(cookie.len() - 20);
    let other = if after_it.starts_with('A') { 'B' } else { 'A' };
    let changed = format!("{before}{other}{}", &after_it[1..]);
    for cookie in [of_another_key.as_str(), changed.as_str(), "__Host-session=", "__Host-session=alice", "session=x"] {
        assert_eq!(get(&world, "/live", &[("cookie", cookie)]).await.status, 303, "{cookie}");
    }
    // A login that is under way is no session.
    let attempt = login::Attempt::begin("/", String::new(), at(0)).unwrap();
    let attempt = attempt.cookie(LoginSecret::parse(SECRET).unwrap().keys()).unwrap();
    let taken_for_one = attempt.split(';').next().unwrap().replace("__Host-login", "__Host-session");
    assert_eq!(get(&world, "/live", &[("cookie", &taken_for_one)]).await.status, 303);
}

#[tokio::test]
async fn who_may_not_read_sees_no_page() {
    let world = world().await;
    let (cookie, _) = session("alice", Rights { read: false, record: true }, at(0));
    let answer = get(&world, "/live", &[("cookie", &cookie)]).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("give oidc:alice no right `read`"), "{}", answer.body);
}

#[tokio::test]
async fn a_screen_on_a_wall_reads_the_matrix_with_its_token_until_it_is_taken_out() {
    let mut world = world().await;
    let hash = |token: &str| domain::json::sha256_hex(token);
    let walls =
        json!({"walls": [{"name": "office", "tokenSha256": hash("t+1&")}, {"name": "lab", "tokenSha256": hash("t2")}]});
    world.apply(&walls).await;
    let html = [("accept", "text/html")];
    let status = async |world: &World, path: &str| get(world, path, &html).await.status;
    for path in ["/live?wall=t%2B1%26", "/live?wall=t2&filter=x", "/live?wall=t2&format=json"] {
        assert_eq!(status(&world, path).await, 200, "{path}");
    }
    let screen = get(&world, "/live?wall=t2", &html).await;
    assert!(!screen.body.contains("Record") && screen.body.contains("class=\"wall\""), "nothing to operate");
    let other = format!("/live?wall={}", hash("t2"));
    for path in ["/live?wall=t3", "/live?wall", "/live?wall=", "/live", &other, "/?wall=t2", "/deployments?wall=t2"] {
        let answer = get(&world, path, &html).await;
        assert_eq!((answer.status, &answer.header("location")[..7]), (303, "/login?"), "{path}");
    }
    world.apply(&json!({"walls": []})).await;
    world.query.in_force().look_again();
    assert_eq!(status(&world, "/live?wall=t2").await, 303);
}

#[tokio::test]
async fn signing_out_takes_the_session_away_on_a_page_of_this_site_only() {
    let world = world().await;
    let (cookie, _) = session("alice", READ, at(0));
    let asked = get(&world, "/logout", &[("cookie", &cookie)]).await;
    assert_eq!(asked.status, 200);
    assert!(asked.cookies.is_empty() && asked.body.contains("method=\"post\" action=\"/logout\""), "{}", asked.body);
    let from = |site| {
        let headers = vec![("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        let world = &world;
        async move { browse(world, ("POST", "/logout"), &headers, "", at(0)).await }
    };
    let elsewhere = from("cross-site").await;
    assert_eq!((elsewhere.status, elsewhere.cookies.len()), (403, 0));
    let out = from("same-origin").await;
    assert_eq!(out.status, 200);
    assert_eq!(out.cookies, ["__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"]);
    assert!(out.body.contains("You are signed out"), "{}", out.body);
}

#[tokio::test]
async fn an_answer_of_the_issuer_that_belongs_to_no_login_is_refused_with_a_page_that_says_so() {
    let world = world().await;
    let secret = LoginSecret::parse(SECRET).unwrap();
    let attempt = login::Attempt::begin("/live", "https://us.example/login/callback".to_owned(), at(0)).unwrap();
    let cookie = attempt.cookie(secret.keys()).unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let (state, callback) = (attempt.state.as_str(), "/login/callback?code=1&state=");
    let damaged = format!("{cookie}x");
    for (path, cookie, seconds, status, says) in [
        (format!("{callback}{state}"), "", 0, 400, "no login is under way in this browser"),
        (format!("{callback}forged"), cookie, 0, 400, "not of the login that was begun here"),
        ("/login/callback?code=1".to_owned(), cookie, 0, 400, "not of the login that was begun here"),
        (format!("{callback}{state}&state={state}"), cookie, 0, 400, "not of the login that was begun here"),
        (format!("{callback}{state}"), cookie, 600, 400, "took more than ten minutes"),
        (format!("{callback}{state}"), &damaged, 0, 400, "was not begun here"),
        (format!("{callback}{state}&iss=https://evil.example"), cookie, 0, 403, "another issuer made it"),
        (format!("/login/callback?error=access_denied&state={state}"), cookie, 0, 403, "refused: access_denied"),
        (format!("/login/callback?error=%3Cb%3Ex&state={state}"), cookie, 0, 403, "refused: bx"),
        (format!("/login/callback?state={state}"), cookie, 0, 403, "refused: no code"),
        // Nobody reaches the issuer here.
        (format!("{callback}{state}"), cookie, 0, 503, "can&#39;t be reached"),
    ] {
        let answer = browse(&world, ("GET", &path), &[("cookie", cookie)], "", at(seconds)).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let said = answer.body.contains(says) || answer.body.contains(&says.replace("&#39;", "'"));
        assert!(said && answer.body.contains("href=\"/login?to=%2F\""), "{path}: {}", answer.body);
        let goes_on = says.starts_with("not of the login");
        assert_eq!(answer.cookies.len(), usize::from(!goes_on), "who forges an answer ends no login: {path}");
        assert!(!answer.cookies.iter().any(|cookie| cookie.starts_with("__Host-session")), "{path}");
    }
}

#[tokio::test]
async fn a_login_needs_https() {
    let world = world().await;
    assert_eq!(get(&world, "/login", &[("x-forwarded-proto", "http")]).await.status, 400);
    // Nobody reaches the issuer here.
    assert_eq!(get(&world, "/login?to=/live", &[]).await.status, 503);
}
