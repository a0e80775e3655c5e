//! An environment: what runs there, since when and by whom; what may come next; and its freezes.

use std::collections::BTreeMap;

use api::{ComparedService, Gate, LiveCell};
use domain::questions::compare::Relation;
use domain::questions::gate::{CheckOutcome, Decision};
use domain::settings::Freeze;
use domain::{Timestamp, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::live::cell;
use crate::symbol::{self, Symbol};
use crate::{Page, address, words};

/// What the page of an environment is made of.
#[derive(Debug)]
pub struct Environment<'e> {
    /// Its name.
    pub name: &'e str,
    /// What runs there.
    pub cells: &'e [LiveCell],
    /// Who or what triggered a deployment, by its id.
    pub by: &'e BTreeMap<String, String>,
    /// What may come next; none where no environment stands before it on the path.
    pub next: Option<Next<'e>>,
    /// The freezes that concern it, of those that are not over.
    pub freezes: &'e [&'e Freeze],
}

/// What may come next: what runs in the environment before it, and not here.
#[derive(Debug)]
pub struct Next<'e> {
    /// The environment before it.
    pub before: &'e str,
    /// What may come, each with the gate's answer where it was asked.
    pub items: &'e [Candidate],
    /// Whether the environments have more services than were compared.
    pub more: bool,
}

/// What may come next of a service.
#[derive(Debug)]
pub struct Candidate {
    /// How the service stands in both.
    pub compared: ComparedService,
    /// What the gate says.
    pub gate: Asking,
}

/// What came of asking the gate.
#[derive(Debug)]
pub enum Asking {
    /// Its answer.
    Answered(Box<Gate>),
    /// What would come has no version, and the gate judges versions.
    NoVersion,
    /// Others were asked about first.
    NotAsked,
}

/// Whether what runs of a service in the environment before may come here: it is newer, or was never here.
#[must_use]
pub fn may_come(compared: &ComparedService) -> bool {
    let may = matches!(compared.compared.relation, Relation::Behind | Relation::Missing | Relation::Unseen);
    may && compared.from.is_some()
}

/// The page of an environment.
#[must_use]
pub fn page(asked: &Asked, of: &Environment<'_>) -> Page {
    let (name, running) = (of.name, of.cells.iter().filter(|cell| is_running(cell)).count());
    let parameters =
        [("environment", name), ("difference", "true"), ("active", "true"), ("verdict", "true"), ("limit", "100")];
    Page {
        title: title(of, running),
        rest: html! {
            a href=(asked.link("/deployments", &[("environment", name)])) { "All deployments" }
            @if let Some(next) = &of.next {
                " · " a href=(asked.link("/compare", &[("from", next.before), ("to", name)])) { "Compare with " (next.before) }
            }
        },
        json: asked.link("/v1/live", &parameters),
        command: format!("deployment-status live --environment={}{}", address::quoted(name), asked.flags()),
        content: html! {
            (freezes(asked.at(), of.freezes))
            (runs(asked, of))
            @if let Some(next) = &of.next { (may_come_next(asked, name, next)) }
            @else { p class="rest" { "No environment stands before it on the promotion path, so nothing says what comes next." } }
        },
    }
}

/// `production: 12 services, 3 behind staging`.
fn title(of: &Environment<'_>, running: usize) -> String {
    if running == 0 {
        return format!("{}: nothing runs", words::name(of.name));
    }
    let behind =
        |cell: &&LiveCell| cell.difference.as_ref().is_some_and(|difference| difference.relation == Relation::Behind);
    let behind: Vec<&LiveCell> = of.cells.iter().filter(behind).collect();
    let before = behind.first().and_then(|cell| cell.difference.as_ref());
    let before = before.map(|difference| format!(", {} behind {}", behind.len(), words::name(&difference.environment)));
    format!("{}: {}{}", words::name(of.name), words::count(running, "service"), before.unwrap_or_default())
}

fn is_running(cell: &LiveCell) -> bool {
    cell.since.is_some() || cell.mixed
}

fn runs(asked: &Asked, of: &Environment<'_>) -> Markup {
    html! {
        section class="card" {
            h2 { "What runs " span class="small" { (of.cells.iter().filter(|cell| is_running(cell)).count()) } }
            @if of.cells.is_empty() { p { "Nothing runs here, and nothing is under way." } } @else {
                div class="scrolls" role="region" aria-label="What runs" tabindex="0" {
                    table class="plain" {
                        caption class="hidden" { "What runs in " (of.name) }
                        thead { tr {
                            th scope="col" { "Service" } th scope="col" { "Version" } th scope="col" { "Since" } th scope="col" { "By" }
                            th scope="col" { "Last attempt" } th scope="col" { "What else matters" }
                        } }
                        tbody { @for cell in of.cells { (row(asked, of, cell)) } }
                    }
                }
                (words::by_whom(asked))
            }
        }
    }
}

fn row(asked: &Asked, of: &Environment<'_>, cell: &LiveCell) -> Markup {
    let named = label(cell.version.as_deref(), cell.commit.as_deref());
    html! {
        tr {
            th scope="row" { a href=(asked.link(&address::service(&cell.service), &[])) { (cell.service) } }
            td {
                @match (&named, &cell.deployment_id) {
                    (named, Some(id)) => a class="version" href=(asked.link(&address::deployment(id), &[])) { (named.as_deref().unwrap_or("not named")) },
                    (Some(version), None) => span class="version" { (version) },
                    (None, None) if cell.mixed => { "mixed" @for region in &cell.regions { span class="small under" { (region.region) " " (label(region.version.as_deref(), region.commit.as_deref()).unwrap_or_else(|| "nothing".to_owned())) } } },
                    (None, None) if is_running(cell) => "not named",
                    (None, None) => span class="nothing" { "nothing runs" },
                }
            }
            td { @if let Some(since) = &cell.since { (words::ago(since, asked.at())) span class="small under" { (words::moment(since)) } } @else { "–" } }
            td { (cell.deployment_id.as_ref().and_then(|id| of.by.get(id)).map_or("–", String::as_str)) }
            td {
                @if let Some(last) = &cell.last_attempt {
                    (Symbol::from(last.status).with(&html! {
                        a href=(asked.link(&address::deployment(last.deployment_id.as_str()), &[])) {
                            @if let Some(version) = &last.version { (version) " " } (symbol::word(last.status))
                        }
                    }))
                    span class="small under" { (words::ago(&last.at.to_string(), asked.at())) " ago" }
                } @else { "–" }
            }
            td { (cell::beside(asked, cell)) }
        }
    }
}

fn may_come_next(asked: &Asked, name: &str, next: &Next<'_>) -> Markup {
    let unasked = next.items.iter().filter(|item| matches!(item.gate, Asking::NotAsked)).count();
    html! {
        section class="card" {
            h2 { "What may come next " span class="small" { (words::count(next.items.len(), "service")) " of which " (next.before) " runs something else, newer or never seen here" } }
            @if next.items.is_empty() { p { "Nothing: " (name) " has what " (next.before) " runs, or has it in another order." } }
            @else {
                div class="scrolls" role="region" aria-label="What may come next" tabindex="0" {
                    table class="plain" {
                        caption class="hidden" { "What may come next, and what its gate says" }
                        thead { tr { th scope="col" { "Service" } th scope="col" { "Runs" } th scope="col" { "May come" } th scope="col" { "Gate" } } }
                        tbody { @for item in next.items { (candidate(asked, item)) } }
                    }
                }
                @if unasked > 0 { p class="small" { "The gate was asked about the first " (next.items.len() - unasked) ", and not about the other " (unasked) "." } }
            }
            @if next.more { p class="small" { "There are more services than were compared; " a href=(asked.link("/compare", &[("from", next.before), ("to", name)])) { "compare" } " has all of them." } }
        }
    }
}

fn candidate(asked: &Asked, Candidate { compared, gate }: &Candidate) -> Markup {
    let side = |cell: Option<&LiveCell>| {
        html! {
            @match cell {
                None => span class="nothing" { "nothing" },
                Some(cell) if cell.mixed => "mixed",
                Some(cell) => {
                    @let named = label(cell.version.as_deref(), cell.commit.as_deref()).unwrap_or_else(|| "not named".to_owned());
                    @if let Some(id) = &cell.deployment_id { a class="version" href=(asked.link(&address::deployment(id), &[])) { (named) } }
                    @else { span class="version" { (named) } }
                },
            }
        }
    };
    html! {
        tr {
            th scope="row" { a href=(asked.link(&address::service(&compared.service), &[])) { (compared.service) } }
            td { (side(compared.to.as_ref())) }
            td {
                (side(compared.from.as_ref()))
                @if let Some(since) = compared.from.as_ref().and_then(|cell| cell.since.as_ref()) { span class="small under" { "there for " (words::ago(since, asked.at())) } }
            }
            td { (answer(gate)) }
        }
    }
}

fn answer(gate: &Asking) -> Markup {
    let gate = match gate {
        Asking::Answered(gate) => gate,
        Asking::NoVersion => return html! { "not asked: what would come has no one version" },
        Asking::NotAsked => return html! { "not asked" },
    };
    let of = |outcome: CheckOutcome| gate.checks.iter().filter(move |check| check.outcome == outcome);
    html! {
        @match gate.decision {
            Decision::Allow => {
                @let passed = of(CheckOutcome::Passed).count();
                (Symbol::Completed.with(&html! { "allowed" }))
                span class="small under" { @if passed == 0 { "no check is asked for" } @else { (words::count(passed, "check")) " passed" } }
            },
            Decision::Deny => {
                (Symbol::Failed.with(&html! { "denied" }))
                @for check in of(CheckOutcome::Failed) { span class="small under" { (check.check.as_str()) ": " (check.detail) } }
            },
        }
    }
}

fn freezes(at: Timestamp, freezes: &[&Freeze]) -> Markup {
    html! {
        @if !freezes.is_empty() {
            section class="card" {
                h2 { "Freezes " span class="small" { (freezes.len()) } }
                ul class="rows" {
                    @for freeze in freezes {
                        li {
                            (Symbol::Frozen.drawn())
                            span { strong { (freeze.name) } @if !freeze.except.is_empty() { " except for " @for (n, service) in freeze.except.iter().enumerate() { @if n > 0 { ", " } (service) } } }
                            span class="small when" {
                                @if freeze.holds(at) { "holds until " (words::time(freeze.to)) }
                                @else { "from " (words::time(freeze.from)) " to " (words::time(freeze.to)) }
                            }
                        }
                    }
                }
            }
        }
    }
}
