//! Releases, those of the newest day first.

use api::ListedRelease;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{Page, address, fields, words};

/// A page of releases, and the cursor of the next one. These environments can be asked for.
#[must_use]
pub fn page(asked: &Asked, environments: &[String], items: &[ListedRelease], next: Option<&str>) -> Page {
    let environment = asked.parameter("environment");
    let is_whole = next.is_none() && asked.parameter("cursor").is_none();
    let lacking = items.iter().filter(|item| item.complete == Some(false)).count();
    let title = match (environment, items.is_empty()) {
        (None, true) => "No releases".to_owned(),
        (Some(environment), true) => format!("No releases for {environment}"),
        (None, false) => "Releases, newest first".to_owned(),
        (Some(environment), false) => {
            let of = if is_whole { items.len().to_string() } else { format!("{} on this page", items.len()) };
            format!(
                "{lacking} of {of} releases {} not complete in {environment}",
                if lacking == 1 { "is" } else { "are" }
            )
        }
    };
    Page {
        title,
        rest: html! {
            "What belongs together, as it is declared, or as the deployments that name a release imply it. "
            @if environment.is_none() { "Choose an environment to see which are complete there." }
        },
        json: address::with_query("/v1/releases", &fields::of_api(asked, &[])),
        command: format!(
            "deployment-status release list{}",
            fields::flags(asked, &[("environment", "environment"), ("asOf", "as-of")])
        ),
        content: html! {
            (choice(asked, environments))
            @if !items.is_empty() { (table(asked, items)) }
            (fields::next(asked, next, "Earlier ones"))
        },
    }
}

/// The environments as links. A page of the list of one is none of another.
fn choice(asked: &Asked, environments: &[String]) -> Markup {
    let chosen = asked.parameter("environment");
    let chip = |name: Option<&str>, called: &str| {
        html! {
            a class="chip" href=(asked.here(&[("environment", name), ("cursor", None)])) aria-current=[(chosen == name).then_some("true")] {
                @if chosen == name { span aria-hidden="true" { "✓ " } } (called)
            }
        }
    };
    html! {
        nav class="filters" aria-label="Environments" {
            (chip(None, "All"))
            @for environment in environments { (chip(Some(environment), environment)) }
            @if let Some(other) = chosen.filter(|name| environments.iter().all(|one| one != name)) { (chip(Some(other), other)) }
        }
    }
}

fn table(asked: &Asked, items: &[ListedRelease]) -> Markup {
    let environment = asked.parameter("environment");
    let named: Vec<(&str, &str)> = environment.map(|name| ("environment", name)).into_iter().collect();
    html! {
        div class="card scrolls" role="region" aria-label="Releases" tabindex="0" {
            table class="plain" {
                caption class="hidden" { "Releases, newest first" }
                thead { tr {
                    th scope="col" { "Release" } th scope="col" { "Day" } th scope="col" { "Last deployed" } th scope="col" { "Declared" }
                    @if let Some(environment) = environment { th scope="col" { "In " (environment) } }
                } }
                tbody { @for item in items {
                    tr {
                        td { a href=(asked.link(&address::release(&item.release), &named)) { strong { (item.release) } } }
                        td { (item.day) }
                        td { @if let Some(at) = &item.deployed_at { (words::moment(at)) } @else { "never" } }
                        td { @if let Some(declared) = &item.declared {
                            "version " (declared.version) " by " (declared.recorded_by)
                            span class="small under" { (words::moment(&declared.recorded_at)) }
                        } @else { "no: implied by deployments" } }
                        @if environment.is_some() { td { (complete(item.complete)) } }
                    }
                } }
            }
        }
    }
}

fn complete(complete: Option<bool>) -> Markup {
    match complete {
        Some(true) => Symbol::Completed.with(&html! { "complete" }),
        Some(false) => Symbol::Missing.with(&html! { "not complete" }),
        None => html! { "–" },
    }
}
