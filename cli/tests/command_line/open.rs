//! `open`: pages and API on loopback. Who gets in, what goes on to the server, what comes back, and how it ends.

mod entry;
mod life;
mod passing;
mod refusing;
mod signing;
mod trouble;

use crate::server::{Answer, Double};

/// A server that is well, and answers everything else so.
fn answering(answer: Answer) -> Double {
    Double::answering(move |_, request| match request.uri.path() {
        "/healthz" => (200, &[], r#"{"status":"ok"}"#.to_owned()),
        _ => answer.clone(),
    })
}

/// A server with one page.
fn with_a_page() -> Double {
    answering((200, &[("content-type", "text/html; charset=utf-8")], "<p>a page</p>".to_owned()))
}
