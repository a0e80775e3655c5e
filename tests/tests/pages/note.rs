//! The form of a note, on the page of a deployment.

use scraper::Html;
use serde_json::{Value, json};
use tests::World;

use super::{all, event, page, text};

const ID: &str = "a/b notes:1";

async fn world() -> World {
    let world = World::new().await;
    for id in ["d/1", "d/1/notes"] {
        let mut failed = event(id, -400, "cart", "production", "1.0", "FAILED");
        failed["notes"] = json!("timed out");
        assert_eq!(world.post(&failed).await.status, 201);
    }
    world
}

fn hidden(page: &Html) -> String {
    all(page, "[name=form]")[0].value().attr("value").unwrap().to_owned()
}

#[tokio::test]
async fn a_note_is_added_and_nothing_else_changes() {
    let world = world().await;
    let mut before = world.get("/v1/deployments/d/1").await.body;
    let shown = page(&world, "/deployments/d/1").await;
    let action = all(&shown, "form.entry")[0].value().attr("action").unwrap().to_owned();
    assert_eq!(action, "/deployments/d/1/notes");
    let note = "<b>it was</b>\r\nthe database";
    let (status, headers, _) = world.submit(&action, &[("form", &hidden(&shown)), ("notes", note)]).await;
    assert_eq!((status, &headers["location"]), (303, &json!("/deployments/d/1")));

    let mut after = world.get("/v1/deployments/d/1").await.body;
    assert_eq!((&after["notes"], &after["eventCount"]), (&json!("<b>it was</b>\nthe database"), &json!(2)));
    for field in ["notes", "eventCount", "updatedAt"] {
        before[field] = Value::Null;
        after[field] = Value::Null;
    }
    assert_eq!(before, after);
    let shown = page(&world, "/deployments/d/1").await;
    let notes: Vec<String> = all(&shown, "p.note").into_iter().map(text).collect();
    assert!(notes.len() == 2 && notes[0].starts_with("<b>it was</b> the database anonymous, 1 Mar 2026"), "{notes:?}");
    assert!(notes[1].starts_with("timed out"), "{notes:?}");
    assert_eq!(text(all(&shown, "h1")[0]), "cart 1.0 failed in production");
    // A deployment can be called as its notes' address is.
    assert_eq!(world.get("/v1/deployments/d/1/notes").await.body["eventCount"], 1);
    let other = format!("{:032x}", 1);
    assert_eq!(world.submit("/deployments/d/1/notes/notes", &[("form", &other), ("notes", "x")]).await.0, 303);
    assert_eq!(world.get("/v1/deployments/d/1/notes").await.body["notes"], "x");
    world.expect_state_is_history().await;
}

#[tokio::test]
async fn sent_twice_it_is_one_note_and_another_from_the_same_page_is_not_lost_in_silence() {
    let world = world().await;
    let form = hidden(&page(&world, "/deployments/d/1").await);
    for _ in 0..2 {
        assert_eq!(world.submit("/deployments/d/1/notes", &[("form", &form), ("notes", "one")]).await.0, 303);
    }
    assert_eq!(world.get("/v1/deployments/d/1").await.body["eventCount"], 2);
    let (status, _, document) = world.submit("/deployments/d/1/notes", &[("form", &form), ("notes", "two")]).await;
    assert!(status == 422 && document.contains("another note was recorded from this page before"), "{document}");
    let again = Html::parse_document(&document);
    assert_eq!(text(all(&again, "textarea")[0]), "two");
    let (status, ..) = world.submit("/deployments/d/1/notes", &[("form", &hidden(&again)), ("notes", "two")]).await;
    assert_eq!(status, 303);
    // Both are of one moment, so which is the latest is decided by their keys.
    assert_eq!(world.get("/v1/deployments/d/1").await.body["eventCount"], 3);
}

#[tokio::test]
async fn what_is_no_note_is_refused() {
    let world = world().await;
    let long = "x".repeat(4097);
    let id = format!("{:032x}", 1);
    for (path, form, notes, status, says) in [
        ("/deployments/d/1/notes", &*id, "  ", 422, "write what is to be kept"),
        ("/deployments/d/1/notes", &id, &*long, 422, "at most 4096 bytes"),
        ("/deployments/d/1/notes", "", "x", 422, "must be the id that the form came with"),
        ("/deployments/nobody/notes", &id, "x", 404, "there is no deployment nobody"),
        ("/deployments/verdicts:cart/notes", &id, "x", 404, "there is no deployment verdicts:cart"),
    ] {
        let (answered, _, document) = world.submit(path, &[("form", form), ("notes", notes)]).await;
        assert_eq!(answered, status, "{path}: {document}");
        assert!(document.contains(says), "{path}: {document}");
    }
    assert_eq!(world.submit(&format!("/deployments/{}/notes", ID.replace(' ', "%20")), &[]).await.0, 404);
    assert_eq!(world.get("/v1/deployments/d/1").await.body["eventCount"], 1);
}
