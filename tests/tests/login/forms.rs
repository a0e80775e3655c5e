use super::*;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn send(world: &World, path: &str, cookie: &str, body: &str) -> Answer {
    browse(world, ("POST", path), &[FORM, ("cookie", cookie)], body, at(0)).await
}

#[tokio::test]
async fn a_form_is_taken_of_a_session_that_may_record_and_of_its_own_page_only() {
    let world = world().await;
    let (may_read, its_own) = session("alice", READ, at(0));
    let (may_record, csrf) = session("bob", RECORD, at(0));
    let (_, of_another) = session("bob", RECORD, at(0));
    for path in ["/record", "/bad", "/deployments/a/b/notes"] {
        for (cookie, body, status, says) in [
            ("", String::new(), 401, "nobody is signed in"),
            ("__Host-session=x", String::new(), 401, "nobody is signed in"),
            (&may_read, format!("csrf={its_own}"), 403, "gave oidc:alice no right `record`"),
            (&may_record, String::new(), 403, "not of a page of this session"),
            (&may_record, "csrf=".to_owned(), 403, "not of a page of this session"),
            (&may_record, format!("csrf={of_another}"), 403, "not of a page of this session"),
            (&may_record, format!("csrf={its_own}"), 403, "not of a page of this session"),
        ] {
            let answer = send(&world, path, cookie, &body).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
            assert!(
                answer.body.contains(says) && answer.body.contains("nothing was recorded"),
                "{path}: {}",
                answer.body
            );
        }
        // Whatever is answered then is about what is in the form.
        let taken = send(&world, path, &may_record, &format!("x=1&csrf={csrf}")).await;
        assert!(![401, 403].contains(&taken.status), "{path}: {} {}", taken.status, taken.body);
    }
    let (ended, csrf) = session("bob", RECORD, at(-8 * 3600));
    let answer = send(&world, "/record", &ended, &format!("csrf={csrf}")).await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("your session has ended"), "{}", answer.body);
}

#[tokio::test]
async fn a_program_is_told_in_its_own_words() {
    let world = world().await;
    let answer = browse(&world, ("POST", "/record"), &[FORM, ("accept", "application/json")], "", at(0)).await;
    assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"));
}

#[tokio::test]
async fn where_nobody_logs_in_the_gateway_has_judged_who_sends() {
    let world = World::new().await;
    let answer = send(&world, "/record", "", "").await;
    assert_ne!(answer.status, 401, "{}", answer.body);
}
