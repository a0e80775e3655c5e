//! What is found of a text: places where it runs, deployments that brought it, and what is called so.

use api::{ListedDeployment, LiveCell};
use domain::label;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{Page, address, deployments, words};

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What was looked for.
    pub text: String,
    /// Services that are called so, or whose name has it in it.
    pub services: Vec<String>,
    /// Environments, likewise.
    pub environments: Vec<String>,
    /// The release that is called so.
    pub release: Option<String>,
    /// The deployment that is called so.
    pub deployment: Option<String>,
    /// Where it runs.
    pub cells: Vec<LiveCell>,
    /// Deployments of that version, newest first.
    pub of_version: Vec<ListedDeployment>,
    /// Whether there may be more of these.
    pub more_of_version: bool,
    /// Where a commit landed first, with the deployment that brought it.
    pub landed: Vec<Landed>,
    /// Of the latest deployments those of a commit that begins so.
    pub of_commit: Vec<ListedDeployment>,
    /// How many of the latest deployments were looked at for the commit; none where the text is the beginning of none.
    pub looked_at: Option<usize>,
    /// Whether there are more services than were looked at.
    pub more_services: bool,
}

/// Where a commit landed first.
#[derive(Debug)]
pub struct Landed {
    /// The service.
    pub service: String,
    /// The environment.
    pub environment: String,
    /// The deployment.
    pub deployment_id: String,
    /// When; RFC 3339.
    pub at: String,
}

/// How long the beginning of a commit is at least, so that it can be told from a version.
pub const SHORTEST_COMMIT: usize = 7;

/// Whether a text can be a commit, or the beginning of one.
#[must_use]
pub fn may_be_commit(text: &str) -> bool {
    text.len() >= SHORTEST_COMMIT && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The page without a text: what can be looked for.
#[must_use]
pub fn form_page(asked: &Asked) -> Page {
    page_of(
        asked,
        "Search".to_owned(),
        html! { "Type a version, a commit, or the name of a service, an environment, a release or a deployment." },
        &html! {},
    )
}

/// What was found.
#[must_use]
pub fn page(asked: &Asked, found: &Found) -> Page {
    let text = words::name(&found.text);
    let running: Vec<String> = found
        .cells
        .iter()
        .map(|cell| format!("{} in {}", words::name(&cell.service), words::name(&cell.environment)))
        .collect();
    let title = match (running.as_slice(), found.is_empty()) {
        (_, true) => format!("Nothing is called {text}"),
        ([], false) => format!("{text}: found, and runs nowhere"),
        ([only], false) => format!("{text} runs as {only}"),
        (several, false) => format!("{text} runs in {} places", several.len()),
    };
    // What is called so is no version, and runs or not by another name.
    let title = if running.is_empty() && !found.is_build() && !found.is_empty() {
        format!("{text}: what is called so")
    } else {
        title
    };
    page_of(
        asked,
        title,
        looked_where(found),
        &html! {
            (named(asked, found))
            (live(asked, found))
            (landed(asked, found))
            (list(asked, "Deployments of this version", &found.of_version))
            @if found.more_of_version {
                p { a href=(address::with_query("/deployments", &[("version", &found.text)])) { "Earlier deployments of " (text) } }
            }
            (list(asked, "Deployments of this commit", &found.of_commit))
        },
    )
}

impl Found {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.is_build() && !self.is_named()
    }

    /// Whether it is a version or a commit.
    fn is_build(&self) -> bool {
        !(self.cells.is_empty() && self.of_version.is_empty() && self.of_commit.is_empty() && self.landed.is_empty())
    }

    fn is_named(&self) -> bool {
        let named = self.services.is_empty() && self.environments.is_empty();
        !named || self.release.is_some() || self.deployment.is_some()
    }
}

fn page_of(asked: &Asked, title: String, rest: Markup, content: &Markup) -> Page {
    let text = asked.parameter("q");
    // With `=`, a text that begins with a dash is a version all the same.
    let version = text.map(|text| format!(" --version={}", address::quoted(text))).unwrap_or_default();
    Page {
        title,
        rest,
        json: "/v1/catalog".to_owned(),
        command: format!("deployment-status history{version}"),
        content: content.clone(),
    }
}

/// Where it was looked for: what is not found there may be elsewhere.
fn looked_where(found: &Found) -> Markup {
    html! {
        "Looked for among " @if found.more_services { "the first " } "services and environments by any part of their name, deployments and releases by their whole name, what runs now, and deployments of this version"
        @if found.more_of_version { " (the latest of them)" }
        @match found.looked_at {
            Some(count) => { "; as a commit by its beginning among what runs now and the latest " (words::count(count, "deployment")) ", and by all of it among all that landed where something runs." },
            None => { ". It is looked for as a commit from " (SHORTEST_COMMIT) " characters on, if all are hexadecimal." },
        }
    }
}

fn named(asked: &Asked, found: &Found) -> Markup {
    let services = found.services.iter().map(|name| ("Service", name, address::service(name)));
    let environments = found.environments.iter().map(|name| ("Environment", name, address::environment(name)));
    let deployment = found.deployment.iter().map(|id| ("Deployment", id, address::deployment(id)));
    let release = found.release.iter().map(|name| ("Release", name, address::release(name)));
    let rows: Vec<_> = services.chain(environments).chain(deployment).chain(release).collect();
    html! {
        @if !rows.is_empty() {
            section class="card" {
                h2 { "Called so " span class="small" { (rows.len()) } }
                ul class="rows" { @for (kind, name, address) in &rows {
                    li { span class="small" { (kind) } a href=(asked.link(address, &[])) { (name) } }
                } }
            }
        }
    }
}

fn live(asked: &Asked, found: &Found) -> Markup {
    html! {
        @if !found.cells.is_empty() {
            section class="card" {
                h2 { "Where it runs " span class="small" { (found.cells.len()) } }
                ul class="rows" { @for cell in &found.cells {
                    @let named = label(cell.version.as_deref(), cell.commit.as_deref());
                    // In some regions it is what was looked for.
                    @let named = named.unwrap_or_else(|| found.text.clone());
                    li {
                        (Symbol::Completed.drawn())
                        span { a href=(asked.link(&address::service(&cell.service), &[])) { (cell.service) } " "
                            @if let Some(id) = &cell.deployment_id { a href=(asked.link(&address::deployment(id), &[])) { strong { (named) } } } @else { strong { (named) } }
                            " in " a href=(asked.link(&address::environment(&cell.environment), &[])) { (cell.environment) } @if cell.mixed { ", in some regions" }
                        }
                        @if let Some(since) = &cell.since { span class="small when" { "for " (words::ago(since, asked.now)) } }
                    }
                } }
            }
        }
    }
}

fn landed(asked: &Asked, found: &Found) -> Markup {
    html! {
        @if !found.landed.is_empty() {
            section class="card" {
                h2 { "Where this commit landed first " span class="small" { (found.landed.len()) } }
                ul class="rows" { @for one in &found.landed {
                    li {
                        span { a href=(asked.link(&address::service(&one.service), &[])) { (one.service) } " in " a href=(asked.link(&address::environment(&one.environment), &[])) { (one.environment) } ", by "
                            a href=(asked.link(&address::deployment(&one.deployment_id), &[])) { (one.deployment_id) } }
                        span class="small when" { (words::moment(&one.at)) }
                    }
                } }
            }
        }
    }
}

fn list(asked: &Asked, head: &str, items: &[ListedDeployment]) -> Markup {
    html! { @if !items.is_empty() { h2 class="above" { (head) " " span class="small" { (items.len()) } } (deployments::table(asked, items)) } }
}
