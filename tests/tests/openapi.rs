//! The OpenAPI document that is checked in, and served, is the one that the routes make.

use api::{openapi::openapi, routes::ROUTES};
use tests::webhooks::webhooks;

/// Writes the document anew when `UPDATE_GOLDEN` is set.
#[test]
fn the_checked_in_document_is_that_of_the_routes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json");
    let made = serde_json::to_string_pretty(&openapi(&webhooks())).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap();
    assert!(
        checked_in == made,
        "docs/openapi.json is out of date: UPDATE_GOLDEN=1 cargo test --workspace --test end_to_end -- openapi::"
    );
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = openapi(&webhooks());
    let text = document.to_string();
    let references = text.split("\"$ref\":\"#").skip(1).filter_map(|rest| rest.split('"').next());
    let mut count = 0;
    for reference in references {
        assert!(document.pointer(reference).is_some(), "{reference}");
        count += 1;
    }
    assert!(count > ROUTES.len(), "the document has references");
}
