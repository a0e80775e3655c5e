//! What is wrong now, what is under way, what ended last, and the figures.

use api::{Deployment, ListedDeployment, LiveCell, Metrics};
use domain::questions::compare::Relation;
use domain::settings::Freeze;
use domain::{Status, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::{self, Symbol};
use crate::{Page, address, deployments, words};

/// What the overview is made of.
#[derive(Debug)]
pub struct Overview<'o> {
    /// What runs where.
    pub cells: &'o [LiveCell],
    /// What has not ended, the newest first.
    pub active: &'o [Deployment],
    /// The latest deployments.
    pub latest: &'o [ListedDeployment],
    /// The figures of 24 hours, and of 7 days.
    pub figures: [&'o Metrics; 2],
    /// The freezes of the settings.
    pub freezes: &'o [Freeze],
}

/// Something that wants a look.
struct Wrong {
    symbol: Symbol,
    /// The greater, the worse.
    weight: u8,
    what: String,
    kind: &'static str,
    since: Option<String>,
    link: String,
}

/// The overview.
#[must_use]
pub fn page(asked: &Asked, of: &Overview<'_>) -> Page {
    let mut wrong: Vec<Wrong> = of.cells.iter().flat_map(|cell| wrong_with(asked, cell)).collect();
    wrong.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| b.since.cmp(&a.since)));
    let things = match wrong.len() {
        0 => "Nothing is wrong".to_owned(),
        1 => "1 thing is wrong".to_owned(),
        many => format!("{many} things are wrong"),
    };
    let under_way = match of.active.len() {
        0 => "nothing is under way".to_owned(),
        1 => "1 deployment is under way".to_owned(),
        many => format!("{many} deployments are under way"),
    };
    Page {
        title: format!("{things}, {under_way}"),
        rest: html! { "What wants a look comes first, the worst at the top." },
        json: "/v1/live?difference=true&active=true&limit=100".to_owned(),
        command: "deployment-status live".to_owned(),
        has_times: false,
        content: html! {
            div class="columns" {
                div {
                    (wrong_now(asked, &wrong))
                    h2 class="above" { "Latest ten " a class="small" href=(asked.link("/deployments", &[])) { "All deployments" } }
                    (deployments::table(asked, of.latest))
                }
                div {
                    (active(asked, of.active))
                    (figures(of.figures))
                    (freezes(asked, of.freezes))
                }
            }
        },
    }
}

fn wrong_with(asked: &Asked, cell: &LiveCell) -> Vec<Wrong> {
    let (service, environment) = (&cell.service, &cell.environment);
    let mut wrong = Vec::new();
    let regions = cell.regions.iter().filter_map(|region| region.last_attempt.as_ref());
    let attempts: Vec<_> = if cell.regions.is_empty() { cell.last_attempt.iter().collect() } else { regions.collect() };
    let mut told: Vec<&str> = Vec::new();
    for last in attempts.into_iter().filter(|last| matches!(last.status, Status::Failed | Status::RolledBack)) {
        // One that was about all regions is told once.
        if told.contains(&last.deployment_id.as_str()) {
            continue;
        }
        told.push(last.deployment_id.as_str());
        let version = last.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
        let failed = last.status == Status::Failed;
        let word = if failed { "failed" } else { "was rolled back" };
        wrong.push(Wrong {
            symbol: last.status.into(),
            weight: if failed { 3 } else { 1 },
            what: format!("{service}{version} {word} in {environment}"),
            kind: if failed { "failed last" } else { "rolled back" },
            since: Some(last.at.to_string()),
            link: asked.link(&address::deployment(last.deployment_id.as_str()), &[]),
        });
    }
    if let Some(difference) = cell.difference.as_ref().filter(|difference| difference.relation == Relation::Unseen) {
        let before = &difference.environment;
        let version = label(cell.version.as_deref(), cell.commit.as_deref()).unwrap_or_default();
        wrong.push(Wrong {
            symbol: Symbol::Unseen,
            weight: 2,
            what: format!("{service} {version} in {environment} was never in {before}"),
            kind: "unseen before",
            since: cell.since.clone(),
            link: asked.link("/compare", &[("from", before), ("to", environment), ("service", service)]),
        });
    }
    wrong
}

fn wrong_now(asked: &Asked, wrong: &[Wrong]) -> Markup {
    html! {
        section class="card" {
            h2 { "Wrong now " span class="small" { (wrong.len()) @if wrong.len() > 1 { ", worst first" } } }
            @if wrong.is_empty() { p { "No last attempt failed, and everything that runs was seen before it came there." } }
            ul class="rows" {
                @for one in wrong {
                    li {
                        (one.symbol.drawn())
                        a href=(one.link) { (one.what) }
                        span class={ "said " (one.symbol.tone()) } { (one.kind) }
                        @if let Some(since) = &one.since { span class="small when" { (words::ago(since, asked.now)) } }
                    }
                }
            }
        }
    }
}

fn active(asked: &Asked, active: &[Deployment]) -> Markup {
    html! {
        section class="card" {
            h2 { "Under way " span class="small" { (active.len()) } }
            ul class="rows" {
                @for one in active {
                    li {
                        (Symbol::from(one.status).drawn())
                        a href=(asked.link(&address::deployment(&one.deployment_id), &[])) {
                            strong { (one.service) " " (label(one.version.as_deref(), one.commit.as_deref()).unwrap_or_default()) }
                        }
                        span { "to " a href=(asked.link(&address::environment(&one.environment), &[])) { (one.environment) } }
                        span class="said running" { (symbol::word(one.status)) @if let Some(stage) = &one.stage { ": " (stage) } }
                        span class="small when" { (words::ago(one.started_at.as_ref().unwrap_or(&one.created_at), asked.now)) }
                    }
                }
            }
        }
    }
}

fn figures([day, week]: [&Metrics; 2]) -> Markup {
    let reached = |of: &Metrics| (of.deployments.completed + of.deployments.rolled_back).to_string();
    let percent = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.1} %"));
    let span = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::duration);
    let rows: [(&str, [String; 2]); 5] = [
        ("Deployments", [reached(day), reached(week)]),
        ("Change failures", [day, week].map(|of| percent(of.dora.change_failure_rate))),
        ("Median duration", [day, week].map(|of| span(of.duration_seconds.map(|all| all.p50)))),
        ("Lead time", [day, week].map(|of| span(of.dora.median_lead_time_seconds))),
        ("Time to restore", [day, week].map(|of| span(of.dora.median_time_to_restore_seconds))),
    ];
    html! {
        section class="card" {
            h2 { "Figures" }
            table class="plain" {
                thead { tr { th scope="col" { "All environments" } th scope="col" class="number" { "24 hours" } th scope="col" class="number" { "7 days" } } }
                tbody { @for (name, values) in &rows { tr { th scope="row" { (name) } @for value in values { td class="number" { (value) } } } } }
            }
        }
    }
}

fn freezes(asked: &Asked, freezes: &[Freeze]) -> Markup {
    let mut to_tell: Vec<&Freeze> = freezes.iter().filter(|freeze| asked.now < freeze.to).collect();
    to_tell.sort_by_key(|freeze| freeze.from);
    html! {
        @if !to_tell.is_empty() {
            section class="card" {
                h2 { "Freezes" }
                ul class="rows" {
                    @for freeze in to_tell {
                        li {
                            (Symbol::Frozen.drawn())
                            span { strong { (freeze.name) } " " @for environment in &freeze.environments { a href=(asked.link(&address::environment(environment.as_str()), &[])) { (environment) } " " } }
                            span class="small when" {
                                @if freeze.from <= asked.now { "holds until " (words::moment(&freeze.to.to_string())) }
                                @else { "from " (words::moment(&freeze.from.to_string())) " to " (words::moment(&freeze.to.to_string())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
