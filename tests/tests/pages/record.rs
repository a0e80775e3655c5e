//! The form of a deployment that is recorded by hand, sent to the real function.

use axum::http::HeaderMap;
use scraper::Html;
use serde_json::{Value, json};
use tests::World;
use tests::invocations::gateway_event;
use tests::world::at;

use super::{all, event, page, text, within};

const ID: &str = "00112233445566778899aabbccddeeff";
const DEPLOYMENT: &str = "by-hand-00112233445566778899aabbccddeeff";

/// A form that is filled in rightly.
const RIGHT: [(&str, &str); 6] = [
    ("form", ID),
    ("what", "completed"),
    ("service", "cart"),
    ("version", "1.0"),
    ("environment", "production"),
    ("notes", "by hand"),
];

/// The same with some fields otherwise.
fn with<'f>(changed: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let kept = RIGHT.into_iter().filter(|(name, _)| !changed.iter().any(|(other, _)| other == name));
    kept.chain(changed.iter().copied()).collect()
}

async fn world() -> World {
    let world = World::new().await;
    let events = json!([
        event("s-1", -500, "cart", "staging", "1.0", "COMPLETED"),
        event("p-0", -400, "cart", "production", "0.9", "COMPLETED"),
    ]);
    let answer = world.post(&events).await;
    assert!(answer.body.as_array().unwrap().iter().all(|one| one["outcome"] == "recorded"), "{answer:?}");
    world
}

/// The messages of the form, each with the name of its field.
fn messages(document: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(document);
    let of = |field: scraper::ElementRef<'_>| {
        let describes = field.value().attr("aria-describedby").unwrap_or_default().to_owned();
        let id = describes.split(' ').find(|id| id.ends_with("-error")).unwrap_or_else(|| panic!("{}", field.html()));
        (field.value().attr("name").unwrap().to_owned(), text(all(&page, &format!("#{id}"))[0]))
    };
    all(&page, "[aria-invalid=true]:not([type=radio])").into_iter().map(of).collect()
}

async fn refused(world: &World, fields: &[(&str, &str)]) -> String {
    let (status, headers, document) = world.submit("/record", fields).await;
    assert_eq!(status, 422, "{document}");
    assert_eq!(
        (&headers["content-type"], &headers["cache-control"]),
        (&json!("text/html; charset=utf-8"), &json!("no-store"))
    );
    assert!(headers["content-security-policy"].as_str().unwrap().starts_with("default-src 'none'"));
    document
}

async fn deployments(world: &World) -> usize {
    world.get("/v1/deployments?limit=100").await.body["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn what_a_person_enters_is_recorded_as_what_a_pipeline_reports() {
    let world = world().await;
    let fields =
        with(&[("region", "eu-west-1"), ("at", "2026-03-01T11:59"), ("notes", "one\r\ntwo"), ("commit", "abc1234")]);
    let (status, headers, body) = world.submit("/record", &fields).await;
    assert_eq!((status, &headers["location"], body.as_str()), (303, &json!(format!("/deployments/{DEPLOYMENT}")), ""));
    let told = world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body;
    for (field, value) in [
        ("service", json!("cart")),
        ("environment", json!("production")),
        ("version", json!("1.0")),
        ("commit", json!("abc1234")),
        ("region", json!("eu-west-1")),
        ("status", json!("COMPLETED")),
        ("notes", json!("one\ntwo")),
        ("finishedAt", json!("2026-03-01T11:59:00.000Z")),
        ("triggeredBy", json!({"kind": "MANUAL"})),
    ] {
        assert_eq!(told[field], value, "{field}");
    }
    let events = world.get(&format!("/v1/deployments/{DEPLOYMENT}/events")).await.body;
    assert_eq!(events["items"][0]["producer"], "anonymous");
    let page = page(&world, headers["location"].as_str().unwrap()).await;
    assert_eq!(text(all(&page, "h1")[0]), "cart 1.0 completed in production");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn each_thing_that_happened_changes_what_is_live_as_it_does_when_reported() {
    let world = world().await;
    let live = async || {
        let cells = world.get("/v1/live?environment=production&service=cart").await.body;
        cells["items"][0]["version"].clone()
    };
    assert_eq!(live().await, "0.9");
    for (n, (what, version, expected)) in [
        ("failed", "1.0", json!("0.9")),
        ("completed", "1.0", json!("1.0")),
        ("rolled-back", "0.9", json!("0.9")),
        ("removed", "", Value::Null),
    ]
    .into_iter()
    .enumerate()
    {
        let (id, at) = (format!("{n:032x}"), format!("2026-03-01T11:59:{n:02}"));
        let fields = with(&[("form", &id), ("what", what), ("version", version), ("at", &at)]);
        let (status, headers, document) = world.submit("/record", &fields).await;
        assert_eq!(status, 303, "{what}: {document}");
        assert_eq!(live().await, expected, "{what}");
        let page = page(&world, headers["location"].as_str().unwrap()).await;
        assert!(!text(all(&page, "h1")[0]).is_empty());
    }
}

#[tokio::test]
async fn each_wrong_field_says_so_and_what_was_typed_is_kept() {
    let world = world().await;
    for (changed, field, says) in [
        (&[("service", "")][..], "service", "name the service"),
        (&[("service", "crat")], "service", "crat is not known; did you mean cart?"),
        (&[("service", "a\u{7}b")], "service", "U+0007"),
        (&[("version", "")], "version", "name the version"),
        (&[("version", "l.0")], "version", "l.0 is not known for cart; did you mean 1.0?"),
        (&[("version", "7")], "version", "7 is not known for cart; tick the box"),
        (&[("environment", "")], "environment", "choose the environment"),
        (&[("environment", "prodution")], "environment", "prodution is not known; did you mean production?"),
        (&[("newEnvironment", "qa")], "newEnvironment", "leave one of them out"),
        (&[("environment", ""), ("newEnvironment", "a\u{202e}b")], "newEnvironment", "U+202E"),
        (&[("at", "2026-03-01T12:06")], "at", "in the future; it is now 2026-03-01T12:00:00"),
        (&[("at", "noon")], "at", "must be an RFC 3339 time"),
        (&[("at", "0026-03-01T12:06")], "at", "between 1970 and 2286"),
        (&[("region", "a\u{200b}")], "region", "U+200B"),
        (&[("commit", "a\nb")], "commit", "printable text"),
        (&[("what", "rolled-back"), ("commit", "abc")], "commit", "must be left out of a rollback"),
    ] {
        let fields = with(changed);
        let document = refused(&world, &fields).await;
        let found = messages(&document);
        assert_eq!(found.len(), 1, "{changed:?}: {found:?}");
        assert!(found[0].0 == field && found[0].1.contains(says), "{changed:?}: {found:?}");
        let page = Html::parse_document(&document);
        // The summary leads to the field, which has the focus; only one has it.
        let link = all(&page, ".refused li a")[0].value().attr("href").unwrap();
        assert_eq!(all(&page, link)[0].value().attr("name"), Some(field));
        let focused = all(&page, "[autofocus]");
        assert!(focused.len() == 1 && focused[0].value().attr("name") == Some(field), "{document}");
        for (name, value) in &fields {
            let shown = match *name {
                "what" => all(&page, &format!("[name=what][value={value}][checked]")).len() == 1,
                "environment" if *value == "production" => all(&page, "option[value=production][selected]").len() == 1,
                "environment" => true,
                "notes" => text(all(&page, "textarea")[0]) == *value,
                name => {
                    all(&page, &format!("[name={name}]")).first().and_then(|field| field.value().attr("value"))
                        == Some(value)
                }
            };
            assert!(shown, "{name} is kept as {value:?}: {document}");
        }
    }
    let long = "x".repeat(4097);
    assert!(messages(&refused(&world, &with(&[("notes", &long)])).await)[0].1.contains("at most 4096 bytes"));
    let nothing = refused(&world, &[("form", ID)]).await;
    let page = Html::parse_document(&nothing);
    assert_eq!(text(all(&page, ".refused h2")[0]), "Nothing was recorded: 4 things need a look");
    assert_eq!(all(&page, "[autofocus]")[0].value().attr("name"), Some("what"), "{nothing}");
    assert_eq!(deployments(&world).await, 2);
}

#[tokio::test]
async fn what_is_new_is_recorded_once_it_is_said_to_be_new() {
    let world = world().await;
    let new = with(&[("service", "search"), ("version", "1"), ("environment", ""), ("newEnvironment", "qa")]);
    let document = refused(&world, &new).await;
    let found: Vec<String> = messages(&document).into_iter().map(|(field, _)| field).collect();
    assert_eq!(found, ["service"]);
    let page = Html::parse_document(&document);
    assert_eq!(all(&page, "[type=checkbox][name=newService]").len(), 1);
    let ticked = [&new[..], &[("newService", "yes")]].concat();
    assert_eq!(world.submit("/record", &ticked).await.0, 303);
    assert_eq!(world.get("/v1/live?environment=qa").await.body["items"][0]["service"], "search");
    // From now on it is known, and the form that is sent again is a duplicate.
    assert_eq!(world.submit("/record", &ticked).await.0, 303);
    assert_eq!(world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body["eventCount"], 1);
    let other = "a".repeat(32);
    let second = with(&[("form", &other), ("service", "search"), ("version", "1"), ("environment", "qa")]);
    assert_eq!(world.submit("/record", &second).await.0, 303);
    let other = "b".repeat(32);
    let version = with(&[("form", &other), ("version", "2.0")]);
    let page = Html::parse_document(&refused(&world, &version).await);
    assert_eq!(all(&page, "[type=checkbox][name=newVersion]").len(), 1);
    assert_eq!(world.submit("/record", &[&version[..], &[("newVersion", "yes")]].concat()).await.0, 303);
}

#[tokio::test]
async fn where_nothing_is_known_the_form_offers_to_name_what_is_new() {
    let world = World::new().await;
    let page = page(&world, "/record").await;
    assert_eq!(all(&page, "[type=checkbox][name=newService]").len(), 1);
    assert_eq!(all(&page, "details[open] [name=newEnvironment]").len(), 1);
}

#[tokio::test]
async fn sent_twice_it_is_one_and_a_change_in_between_is_not_lost_in_silence() {
    let world = world().await;
    let first = world.submit("/record", &RIGHT).await;
    let again = world.submit("/record", &RIGHT).await;
    assert_eq!((first.0, again.0, &again.1["location"]), (303, 303, &first.1["location"]));
    assert_eq!(deployments(&world).await, 3);

    for changed in [("notes", "other"), ("environment", "staging"), ("what", "failed")] {
        let document = refused(&world, &with(&[changed])).await;
        let page = Html::parse_document(&document);
        let summary = text(all(&page, ".refused")[0]);
        assert!(summary.contains("something else was recorded of it"), "{summary}");
        let recorded = all(&page, ".refused p a")[0].value().attr("href").unwrap();
        assert_eq!(recorded, format!("/deployments/{DEPLOYMENT}"));
        // It has an id of its own now, with which it is another deployment.
        let id = all(&page, "[name=form]")[0].value().attr("value").unwrap();
        assert!(id.len() == 32 && id != ID, "{id}");
    }
    assert_eq!(deployments(&world).await, 3);
    let told = world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body;
    assert_eq!((&told["notes"], &told["eventCount"]), (&json!("by hand"), &json!(1)));
    for id in ["", "x", &"g".repeat(32), &"A".repeat(32)] {
        assert!(
            refused(&world, &with(&[("form", id)])).await.contains("must be the id that the form came with"),
            "{id}"
        );
    }
}

#[tokio::test]
async fn two_that_are_sent_at_once_are_one() {
    let world = world().await;
    let sent = futures_util::future::join_all((0..4).map(|_| world.submit("/record", &RIGHT))).await;
    assert!(sent.iter().all(|(status, ..)| *status == 303), "{sent:?}");
    assert_eq!(world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body["eventCount"], 1);
}

#[tokio::test]
async fn names_of_any_kind_are_text_and_an_alias_is_its_service() {
    let mut world = world().await;
    let hostile = "\"><script>alert(1)</script>";
    let document = refused(&world, &with(&[("service", hostile), ("notes", "</textarea><b>x</b>")])).await;
    let page = Html::parse_document(&document);
    assert!(all(&page, "script").len() == 1 && all(&page, "b").is_empty(), "{document}");
    assert_eq!(all(&page, "[name=service]")[0].value().attr("value"), Some(hostile));
    assert_eq!(all(&page, "textarea")[0].text().collect::<String>().trim(), "</textarea><b>x</b>");
    let ticked = with(&[("service", hostile), ("newService", "yes"), ("newVersion", "yes")]);
    assert_eq!(world.submit("/record", &ticked).await.0, 303);
    assert_eq!(world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body["service"], hostile);

    let aliases = json!({"services": [{"name": "cart", "aliases": ["basket"]}]});
    assert_eq!(world.apply(&aliases).await.status, 201);
    let other = "b".repeat(32);
    let alias = with(&[("form", &other), ("service", "basket")]);
    let (status, _, document) = world.submit("/record", &alias).await;
    assert_eq!(status, 303, "{document}");
    let told = world.get(&format!("/v1/deployments/by-hand-{}", "b".repeat(32))).await.body;
    assert_eq!(told["service"], "cart");
}

#[tokio::test]
async fn only_a_page_of_ours_sends_it_or_a_signature() {
    let world = world().await;
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(RIGHT).finish();
    let kind = ("content-type", "application/x-www-form-urlencoded");
    let sent = async |headers: &[(&str, &str)], authorizer: Option<Value>| {
        let all = [&[("host", "status.test"), kind], headers].concat();
        let pairs = all.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let mut event = gateway_event("POST", "/record", None, &pairs.collect::<HeaderMap>(), body.as_bytes());
        if let Some(authorizer) = authorizer {
            event["requestContext"]["authorizer"] = authorizer;
        }
        world.page_of(&event).await
    };
    let (own, same) = (("origin", "http://status.test"), ("sec-fetch-site", "same-origin"));
    for headers in [
        &[][..],
        &[("origin", "http://evil.example"), same],
        &[("origin", "null")],
        &[own, ("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "none")],
    ] {
        let (status, headers_of, document) = sent(headers, None).await;
        assert_eq!(status, 403, "{headers:?} {document}");
        assert!(
            headers_of["content-type"].as_str().unwrap().starts_with("text/html")
                && document.contains("nothing was recorded")
        );
    }
    assert_eq!(deployments(&world).await, 2);
    let arn = "arn:aws:sts::123456789012:assumed-role/dev/ana";
    let (status, ..) = sent(&[], Some(json!({"iam": {"userArn": arn}}))).await;
    assert_eq!(status, 303);
    let told = world.get(&format!("/v1/deployments/{DEPLOYMENT}")).await.body;
    assert_eq!(told["triggeredBy"], json!({"kind": "MANUAL", "actor": arn}));
    let events = world.get(&format!("/v1/deployments/{DEPLOYMENT}/events")).await.body;
    assert_eq!(events["items"][0]["producer"], arn);
    // The subject of a token is no signature, whatever it is called.
    let jwt = json!({"jwt": {"claims": {"sub": "repo:shop/arn:x"}, "scopes": []}});
    assert_eq!(sent(&[], Some(jwt)).await.0, 403);
}

#[tokio::test]
async fn what_is_no_form_is_refused_with_what_would_be_right() {
    let world = world().await;
    let headers = |kind: &str| {
        let all = [("host", "status.test"), ("origin", "http://status.test"), ("content-type", kind)];
        HeaderMap::from_iter(all.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())))
    };
    let form = "application/x-www-form-urlencoded";
    let long = "x".repeat(70_000);
    for (kind, body, query, status, says) in [
        ("application/json", "{}", None, 415, "application/x-www-form-urlencoded"),
        (form, "what=completed&colour=blue", None, 400, "colour"),
        (form, "what=completed&what=failed", None, 400, "is given twice"),
        (form, &long, None, 413, "at most 65536 bytes"),
        (form, "what=completed", Some("service=cart"), 400, "without parameters"),
    ] {
        let event = gateway_event("POST", "/record", query, &headers(kind), body.as_bytes());
        let (answered, _, document) = world.page_of(&event).await;
        assert_eq!(answered, status, "{document}");
        assert!(document.contains(says), "{says}: {document}");
    }
    let put = world.request("PUT", "/record", &[], b"", at(0)).await.unwrap();
    assert_eq!((put.status, &put.headers["allow"]), (405, &json!("GET, POST")));
}

#[tokio::test]
async fn while_nothing_can_be_written_the_form_comes_back_with_what_was_typed() {
    let world = world().await;
    world
        .wire
        .decide(|_, call, _| if call == "TransactWriteItems" { tests::Fault::Throttled } else { tests::Fault::None });
    let (status, _, document) = world.submit("/record", &RIGHT).await;
    assert_eq!(status, 503, "{document}");
    let page = Html::parse_document(&document);
    assert!(text(all(&page, ".refused")[0]).contains("too busy"), "{document}");
    // With the same id: whether it was recorded or not, sending it again is safe.
    assert_eq!(all(&page, "[name=form]")[0].value().attr("value"), Some(ID));
    assert_eq!(text(all(&page, "textarea")[0]), "by hand");
    world.wire.decide(|_, _, _| tests::Fault::None);
    assert_eq!(world.submit("/record", &RIGHT).await.0, 303);
}

#[tokio::test]
async fn the_page_begins_with_what_its_address_says_and_suggests_what_is_known() {
    let world = world().await;
    let page = page(&world, "/record?service=cart&version=1.0&environment=production&what=failed").await;
    let value =
        |name: &str| all(&page, &format!("[name={name}]"))[0].value().attr("value").unwrap_or_default().to_owned();
    assert_eq!((value("service"), value("version")), ("cart".to_owned(), "1.0".to_owned()));
    assert_eq!(all(&page, "option[selected]")[0].value().attr("value"), Some("production"));
    assert_eq!(all(&page, "[name=what][checked]")[0].value().attr("value"), Some("failed"));
    let list = |id: &str| -> Vec<String> {
        within(all(&page, id)[0], "option")
            .iter()
            .map(|option| option.value().attr("value").unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        (list("#services"), list("#versions")),
        (vec!["cart".to_owned()], vec!["0.9".to_owned(), "1.0".to_owned()])
    );
    assert_eq!(list("#field-environment"), ["", "staging", "production"]);
    assert!(text(all(&page, "main")[0]).contains("by anonymous"));
    // Two forms are two things.
    let id = |page: &Html| all(page, "[name=form]")[0].value().attr("value").unwrap().to_owned();
    assert_ne!(id(&page), id(&super::page(&world, "/record").await));
    let unknown = super::page(&world, "/record?environment=qa").await;
    assert_eq!(all(&unknown, "[name=newEnvironment]")[0].value().attr("value"), Some("qa"));
}
