//! Bodies of `POST /v1/events` that are no event at all, too much of one, or marked as what they
//! are not.

use serde_json::{Value, json};
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

use super::{events_in_history, expect_nothing_recorded, expect_problem, expect_problem_body, valid, with};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn post_raw(world: &World, content_type: &[(&'static str, &str)], body: &[u8]) -> tests::Answer {
    world.request("POST", "/v1/events", content_type, body, at(0)).await.expect("an answer, not a failed invocation")
}

#[tokio::test]
async fn what_is_not_one_json_document_is_refused_with_the_place() {
    let world = World::new().await;
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let deep_in_an_event = format!(r#"{{"deploymentId":"d-1","status":"FAILED","metadata":{{"a":{deep}}}}}"#);
    let whole = valid().to_string();
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "EOF"),
        (whole.as_bytes()[..whole.len() - 1].to_vec(), "EOF"),
        (whole.as_bytes()[..20].to_vec(), "EOF"),
        (b"{'deploymentId': 'd-1'}".to_vec(), "key must be a string at line 1 column 2"),
        (b"deploymentId=d-1&status=FAILED".to_vec(), "expected value at line 1 column 1"),
        (b"\xef\xbb\xbf{}".to_vec(), "expected value"),
        (format!("{whole}{whole}").into_bytes(), "trailing characters"),
        (b"{\"deploymentId\":\"d-\xff\",\"status\":\"FAILED\"}".to_vec(), "not UTF-8: invalid byte at offset 19"),
        (br#"{"deploymentId":"d-\ud800","status":"FAILED"}"#.to_vec(), "hex escape"),
        (
            br#"{"deploymentId":"d-1","deploymentId":"d-2","status":"FAILED"}"#.to_vec(),
            r#""deploymentId" is given twice"#,
        ),
        (
            br#"{"deploymentId":"d-1","status":"FAILED","metadata":{"a":1,"\u0061":2}}"#.to_vec(),
            r#""a" is given twice"#,
        ),
        (
            br#"{"deploymentId":"d-1","status":"FAILED","metrics":{"healthScore":1e400}}"#.to_vec(),
            "number out of range",
        ),
        (br#"{"deploymentId":"d-1","status":"FAILED","metrics":{"healthScore":NaN}}"#.to_vec(), "expected value"),
        (deep.into_bytes(), "recursion limit"),
        (deep_in_an_event.into_bytes(), "recursion limit"),
    ];
    for (body, says) in cases {
        expect_problem(&post_raw(&world, &[JSON], &body).await, 400, "", says);
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn json_that_is_no_object_is_refused_with_what_it_is() {
    let world = World::new().await;
    for (body, is) in [("null", "null"), ("true", "a boolean"), ("5", "a number"), ("\"d-1\"", "a text")] {
        expect_problem(
            &post_raw(&world, &[JSON], body.as_bytes()).await,
            400,
            "",
            &format!("must be an object, not {is}"),
        );
    }
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn one_byte_more_than_64_kb_is_too_large_and_64_kb_is_not() {
    let world = World::new().await;
    let mut body = valid().to_string();
    body.push_str(&" ".repeat(64 * 1024 + 1 - body.len()));
    expect_problem(&post_raw(&world, &[JSON], body.as_bytes()).await, 413, "", "at most 65536 bytes");
    expect_nothing_recorded(&world).await;
    body.pop();
    assert_eq!(post_raw(&world, &[JSON], body.as_bytes()).await.status, 201);
}

#[tokio::test]
async fn more_than_a_hundred_events_at_once_are_refused_whole_and_a_hundred_are_taken() {
    let world = World::new().await;
    let event = |number: usize| with(&json!({"deploymentId": format!("d-{number}")}));
    let too_many: Vec<Value> = (0..101).map(event).collect();
    expect_problem(
        &world.post(&json!(too_many)).await,
        400,
        "",
        "a request must have at most 100 events; this one has 101",
    );
    expect_nothing_recorded(&world).await;
    let answer = world.post(&json!(too_many[..100])).await;
    assert_eq!((answer.status, events_in_history(&world).await), (200, 100));
}

#[tokio::test]
async fn wrong_elements_of_an_array_do_not_stop_the_others() {
    let world = World::new().await;
    let large = json!({"deploymentId": "d-4", "status": "FAILED", "notes": "x".repeat(64 * 1024)});
    let array = json!([
        with(&json!({"deploymentId": "d-0"})),
        with(&json!({"deploymentId": "d 1", "status": "DONE"})),
        [valid()],
        null,
        large,
        with(&json!({"deploymentId": "d-5"})),
    ]);
    let answer = world.post(&array).await;
    assert_eq!(answer.status, 200);
    let results = answer.body.as_array().unwrap();
    assert_eq!(results.len(), 6);
    assert_eq!((&results[0]["outcome"], &results[0]["deploymentId"]), (&json!("recorded"), &json!("d-0")));
    expect_problem_body(&results[1], 400, "deploymentId", "letter or digit");
    expect_problem_body(&results[1], 400, "status", "must be one of PENDING");
    expect_problem_body(&results[2], 400, "", "must be an object, not an array");
    expect_problem_body(&results[3], 400, "", "must be an object, not null");
    assert_eq!((&results[4]["status"], &results[4]["title"]), (&json!(413), &json!("Content Too Large")));
    assert_eq!((&results[5]["outcome"], &results[5]["deploymentId"]), (&json!("recorded"), &json!("d-5")));
    assert_eq!(events_in_history(&world).await, 2);
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn the_same_id_with_other_content_is_a_conflict_and_changes_nothing() {
    let world = World::new().await;
    assert_eq!(world.post(&with(&json!({"eventId": "e-1"}))).await.status, 201);
    let before = world.get("/v1/deployments/d-1").await;
    let answer = world.post(&with(&json!({"eventId": "e-1", "status": "FAILED"}))).await;
    expect_problem(&answer, 409, "eventId", "another event with this eventId is already recorded, as number 1");
    assert_eq!(world.get("/v1/deployments/d-1").await, before);
    assert_eq!(events_in_history(&world).await, 1);
}

#[tokio::test]
async fn a_body_that_does_not_say_that_it_is_json_is_not_read_as_json() {
    let world = World::new().await;
    let body = valid().to_string();
    for content_type in
        ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data; boundary=x"]
    {
        let answer = post_raw(&world, &[("content-type", content_type)], body.as_bytes()).await;
        expect_problem(&answer, 415, "", "application/json");
    }
    expect_problem(&post_raw(&world, &[], body.as_bytes()).await, 415, "", "application/json");
    expect_nothing_recorded(&world).await;
    let answer = post_raw(&world, &[("content-type", "Application/JSON ; charset=utf-8")], body.as_bytes()).await;
    assert_eq!(answer.status, 201);
}

#[tokio::test]
async fn a_body_that_is_marked_as_base64_must_be_base64() {
    let world = World::new().await;
    let headers = [JSON].iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    let mut event = gateway_event("POST", "/v1/events", None, &headers, valid().to_string().as_bytes());
    event["isBase64Encoded"] = json!(true);
    expect_problem(&world.invoke_http(&event, at(0)).await.unwrap(), 400, "", "marked as base64, but is not base64");
    event["body"] = json!("e30"); // `{}` without its padding
    expect_problem(&world.invoke_http(&event, at(0)).await.unwrap(), 400, "", "marked as base64, but is not base64");
    event["body"] = Value::Null;
    expect_problem(&world.invoke_http(&event, at(0)).await.unwrap(), 400, "", "EOF");
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn a_wrong_event_of_thousands_of_fields_gets_an_answer_of_ordinary_size() {
    let world = World::new().await;
    let fields = (0..7000).map(|number| format!(r#""{number}":0,"#)).collect::<Vec<_>>().concat();
    let answer = post_raw(&world, &[JSON], format!(r#"{{{fields}"status":"DONE"}}"#).as_bytes()).await;
    expect_problem(&answer, 400, "status", "must be one of");
    assert!(answer.body.to_string().len() < 64 * 1024, "{} bytes", answer.body.to_string().len());
    let links: serde_json::Map<String, Value> = (0..5000).map(|number| (number.to_string(), json!(0))).collect();
    let answer = world.post(&with(&json!({"links": links}))).await;
    expect_problem(&answer, 400, "links", "at most 16");
    assert!(answer.body.to_string().len() < 64 * 1024, "{} bytes", answer.body.to_string().len());
    expect_nothing_recorded(&world).await;
}

#[tokio::test]
async fn nesting_that_is_taken_can_be_read_back_and_nesting_that_is_not_names_the_field() {
    let world = World::new().await;
    let (mut taken, mut refused) = (0, 0);
    for depth in (1..=130).step_by(3).chain(120..130) {
        let id = format!("d-{depth}");
        let nested = format!(r#"{}"leaf"{}"#, r#"{"a":"#.repeat(depth), "}".repeat(depth));
        let body = format!(r#"{{"deploymentId":"{id}","status":"FAILED","metadata":{nested}}}"#);
        let answer = post_raw(&world, &[JSON], body.as_bytes()).await;
        if answer.status == 400 {
            refused += 1;
            continue;
        }
        assert_eq!(answer.status, 201, "{depth}: {answer:?}");
        taken += 1;
        // A new instance remembers nothing: it must be able to read what was stored, and to go on.
        let follow_up = json!({"deploymentId": id, "status": "CANCELLED"});
        let another = world.another_processor();
        let headers = [JSON].iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        let event = gateway_event("POST", "/v1/events", None, &headers, follow_up.to_string().as_bytes());
        let followed = another.handle(&event.to_string(), at(1)).await.unwrap();
        assert_eq!(followed["statusCode"], 201, "{depth}: {followed}");
        let read = world.get(&format!("/v1/deployments/{id}")).await;
        assert_eq!(read.body["metadata"].to_string(), nested, "{depth}");
        assert_eq!(world.get(&format!("/v1/deployments/{id}/verify")).await.body["intact"], true, "{depth}");
    }
    assert!(taken > 10 && refused > 0, "{taken} taken, {refused} refused");
    world.publish().await.unwrap();
    world.expect_state_is_history().await;
}
