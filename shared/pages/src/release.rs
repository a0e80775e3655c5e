//! A release: how each of its services stands in an environment, and what it lacks in the others.

use api::{Release, ReleaseService, ReleaseState};
use domain::{label, page_paths};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{Page, address, words};

/// A release in the environment that is asked for, which is one of `everywhere`: the environments of the path, each
/// with how the release stands there.
#[must_use]
pub fn page(asked: &Asked, here: &Release, everywhere: &[Release]) -> Page {
    let (release, environment) = (&here.release, &here.environment);
    let (called, there) = (words::name(release), words::name(environment));
    let lacking = lacking(here);
    let as_of = asked.parameter("asOf").map(|at| format!(" --as-of={at}")).unwrap_or_default();
    // Behind `--` a name that begins with a dash is a name all the same.
    let name =
        if release.starts_with('-') { format!("-- {}", address::quoted(release)) } else { address::quoted(release) };
    Page {
        title: match (here.complete, here.more, lacking.len()) {
            (true, _, _) => format!("{called} is complete in {there}"),
            (false, true, _) => {
                format!("{called} has more deployments than are read, so nothing says that it is complete in {there}")
            }
            (false, false, 0) => format!("{called} has nothing for {there}"),
            (false, false, lacks) => {
                format!("{called} lacks {lacks} of {} in {there}", words::count(here.items.len(), "service"))
            }
        },
        rest: html! {
            @if let Some(declared) = &here.declared {
                "Declared as version " (declared.version) " by " (declared.recorded_by) " on " (words::moment(&declared.recorded_at))
                @if !declared.environments.is_empty() { ", for " (declared.environments.join(", ")) }
                "."
                @if let Some(notes) = &declared.notes { " " (notes) }
            } @else { "Nobody declared it: it is what deployments that name it brought. " a href=(asked.link("/releases", &[])) { "All releases" } }
        },
        json: asked.link(
            &format!("/v1/releases/{}", address::part(&page_paths::kept(release))),
            &[("environment", environment)],
        ),
        command: format!(
            "deployment-status release status --environment={}{as_of} {name}",
            address::quoted(environment)
        ),
        content: html! {
            (elsewhere(asked, here, everywhere))
            @if !here.items.is_empty() { (services(asked, here)) }
            @if let Some(declared) = &here.declared {
                p class="small" { "Hash of the declaration: " code { (declared.hash) } }
            }
        },
    }
}

/// The services that are not done.
fn lacking(release: &Release) -> Vec<&ReleaseService> {
    release.items.iter().filter(|item| !item.state.is_done()).collect()
}

fn elsewhere(asked: &Asked, here: &Release, everywhere: &[Release]) -> Markup {
    html! {
        @if !everywhere.is_empty() {
            section class="card" {
                h2 { "What it lacks where" }
                ul class="rows" {
                    @for there in everywhere {
                        @let lacking = lacking(there);
                        li {
                            a href=(asked.here(&[("environment", Some(&there.environment))])) aria-current=[(there.environment == here.environment).then_some("true")] {
                                (there.environment) @if there.environment == here.environment { ", shown below" }
                            }
                            @if there.complete { (Symbol::Completed.with(&html! { "complete" })) }
                            @else if there.more && lacking.is_empty() { span class="said warn" { "not known: there are more deployments than are read" } }
                            @else if lacking.is_empty() { span class="said" { "nothing of it" } }
                            @else {
                                (Symbol::Missing.with(&html! { "lacks " (lacking.len()) " of " (there.items.len()) }))
                                span class="small" { (lacking.iter().map(|item| item.service.as_str()).collect::<Vec<_>>().join(", ")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn services(asked: &Asked, here: &Release) -> Markup {
    html! {
        div class="card scrolls" role="region" aria-label={ "The services of " (here.release) } tabindex="0" {
            table class="plain" {
                caption class="hidden" { "How each service stands in " (here.environment) }
                thead { tr {
                    th scope="col" { "Service" } th scope="col" { "State" } th scope="col" { "Expected" } th scope="col" { "Runs in " (here.environment) }
                } }
                tbody { @for item in &here.items { (row(asked, item)) } }
            }
        }
    }
}

fn row(asked: &Asked, item: &ReleaseService) -> Markup {
    let expected = label(item.expected.version.as_deref(), item.expected.commit.as_deref());
    html! {
        tr {
            th scope="row" { (item.service) }
            td { (state(item.state)) }
            td { (expected.unwrap_or_else(|| "not named".to_owned())) }
            td {
                @if let Some(cell) = &item.live {
                    @let runs = label(cell.version.as_deref(), cell.commit.as_deref()).unwrap_or_else(|| if cell.mixed { "mixed".to_owned() } else { "nothing".to_owned() });
                    @if let Some(id) = &cell.deployment_id { a class="version" href=(asked.link(&address::deployment(id), &[])) { (runs) } }
                    @else { (runs) }
                    @if let Some(since) = &cell.since { span class="small under" { "for " (words::ago(since, asked.at())) } }
                } @else { "nothing" }
            }
        }
    }
}

fn state(state: ReleaseState) -> Markup {
    let (symbol, word) = match state {
        ReleaseState::InPlace => (Symbol::Completed, "in place"),
        ReleaseState::Newer => (Symbol::Ahead, "newer"),
        ReleaseState::Deploying => (Symbol::Running, "deploying"),
        ReleaseState::Failed => (Symbol::Failed, "failed"),
        ReleaseState::Older => (Symbol::Behind, "older"),
        ReleaseState::NeverDeployed => (Symbol::Missing, "never deployed"),
        ReleaseState::Skipped => (Symbol::Missing, "skipped"),
    };
    symbol.with(&html! { (word) })
}
