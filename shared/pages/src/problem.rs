//! What could not be answered, and what would be right.

use api::Problem;
use maud::html;

use crate::Page;

/// The page of a problem.
#[must_use]
pub fn page(problem: &Problem) -> Page {
    Page {
        title: format!("{}: {}", problem.status, problem.title),
        rest: html! { (problem.detail) },
        json: "/v1/live".to_owned(),
        command: "deployment-status live".to_owned(),
        content: html! {
            @if !problem.errors.is_empty() {
                ul { @for error in &problem.errors { li { strong { (error.field) } ": " (error.detail) } } }
            }
            p { a href="/live" { "What runs where" } }
        },
    }
}
