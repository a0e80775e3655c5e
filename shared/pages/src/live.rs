//! The matrix: what runs where.

use std::collections::{BTreeMap, BTreeSet};

use api::LiveCell;
use domain::questions::compare::Relation;
use domain::settings::Names;
use domain::{FieldError, Settings};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::{Page, address, words};

pub(crate) mod cell;
mod filter;
mod groups;

use cell::Frozen;
use filter::Filter;
use groups::Grouping;

/// What the matrix is made of.
#[derive(Debug, Clone, Copy)]
pub struct Live<'l> {
    /// What runs where, in the order of the promotion path.
    pub cells: &'l [LiveCell],
    /// The environments that come and go: they stand folded below the matrix.
    pub ephemeral: &'l BTreeSet<String>,
    /// The environment that is shown where there is room for one, unless another is asked for.
    pub main: Option<&'l str>,
    /// The settings, which say whose a service is, and what is frozen.
    pub settings: &'l Settings,
    /// What their names mean.
    pub names: &'l Names,
}

/// The matrix.
///
/// # Errors
/// The parameter that asks for what is not there, and what would be right.
pub fn page(asked: &Asked, live: &Live<'_>) -> Result<Page, FieldError> {
    let filter = Filter::of(asked)?;
    let services = live.settings.services.iter();
    let teams: BTreeMap<&str, &str> =
        services.filter_map(|one| Some((one.name.as_str(), one.team.as_ref()?.as_str()))).collect();
    let grouping = Grouping::of(asked, &teams)?;
    let (folded, lasting): (Vec<&LiveCell>, Vec<&LiveCell>) =
        live.cells.iter().partition(|cell| live.ephemeral.contains(&cell.environment));
    let all = Matrix::of(&lasting);
    let lasting: Vec<&LiveCell> = lasting.into_iter().filter(|cell| !filter.hides(&cell.environment)).collect();
    let shown = Matrix::of(&lasting).only(&filter);
    let wrong = all.count(cell::is_wrong);
    let differing = all.count(cell::differs);
    let main = live.main.filter(|name| all.environments.contains(name)).or(all.environments.last().copied());
    let chosen = filter.environment(&all)?.or(main);
    let frozen = Frozen { freezes: &live.settings.freezes, names: live.names, at: asked.at() };
    let drawn = Drawn { asked, frozen: &frozen, teams: &teams, grouping };
    Ok(Page {
        title: title(&all, main, wrong),
        rest: html! {
            @if live.cells.is_empty() { "Nothing is recorded yet." }
            @else if all.environments.is_empty() { "Only environments that come and go have anything." }
            @else { "What runs where, in the order of the path: " (all.environments.join(", ")) "." }
        },
        json: asked
            .link("/v1/live", &[("difference", "true"), ("active", "true"), ("verdict", "true"), ("limit", "100")]),
        command: command(asked),
        content: html! {
            @if !asked.is_wall() {
                (filter.form(asked, &all, wrong, differing))
                (filter.more(asked, &all, grouping))
                (filter::tabs(asked, &all, chosen))
            }
            div class="card scrolls" role="region" aria-label="The matrix" tabindex="0" { (shown.table(&drawn, chosen)) }
            @if shown.services.len() < all.services.len() {
                p class="rest" {
                    (words::count(all.services.len() - shown.services.len(), "service")) " not shown. "
                    a href=(Filter::all(asked)) { "Show all " (all.services.len()) }
                }
            }
            @if !folded.is_empty() {
                @let folded = Matrix::of(&folded).only(&filter);
                details class="card folded" {
                    summary {
                        (words::count(folded.environments.len(), "environment")) " of those that come and go: "
                        (words::count(folded.services.len(), "service")) ", " (folded.count(cell::is_wrong)) " wrong"
                    }
                    (folded.table(&drawn, None))
                }
            }
            (cell::legend())
        },
    })
}

/// What a table is drawn with.
struct Drawn<'d> {
    asked: &'d Asked,
    frozen: &'d Frozen<'d>,
    teams: &'d BTreeMap<&'d str, &'d str>,
    grouping: Grouping,
}

fn command(asked: &Asked) -> String {
    let as_of = asked.parameter("asOf").map(|at| format!(" --as-of {at}")).unwrap_or_default();
    let known_at = asked.parameter("knownAt").map(|at| format!(" --known-at {at}")).unwrap_or_default();
    format!("deployment-status live{as_of}{known_at}")
}

/// What the matrix says in one sentence.
fn title(matrix: &Matrix<'_>, main: Option<&str>, wrong: usize) -> String {
    let services = matrix.services.len();
    let behind = main.map(|last| {
        let at_last = matrix.services.values().filter_map(|row| row.get(last));
        let behind: Vec<&LiveCell> =
            at_last.copied().filter(|cell| cell::relation(cell) == Some(Relation::Behind)).collect();
        let before = behind.iter().find_map(|cell| cell.difference.as_ref()).map(|difference| &difference.environment);
        before.map(|before| format!("; {last} is behind {before} in {}", behind.len())).unwrap_or_default()
    });
    let looks = match (services, wrong) {
        (0, _) => return "Nothing is live".to_owned(),
        (_, 0) => format!("Nothing is wrong with {}", words::count(services, "service")),
        (_, 1) => format!("1 of {services} services needs a look"),
        (_, wrong) => format!("{wrong} of {services} services need a look"),
    };
    looks + &behind.unwrap_or_default()
}

/// Cells by service and environment.
pub(crate) struct Matrix<'c> {
    pub(crate) environments: Vec<&'c str>,
    pub(crate) services: BTreeMap<&'c str, BTreeMap<&'c str, &'c LiveCell>>,
}

impl<'c> Matrix<'c> {
    fn of(cells: &[&'c LiveCell]) -> Self {
        let mut environments: Vec<&str> = cells.iter().map(|cell| cell.environment.as_str()).collect();
        environments.dedup();
        let mut services: BTreeMap<&str, BTreeMap<&str, &LiveCell>> = BTreeMap::new();
        for cell in cells {
            services.entry(&cell.service).or_default().insert(&cell.environment, cell);
        }
        Self { environments, services }
    }

    /// How many services have such a cell.
    fn count(&self, is_such: impl Fn(&LiveCell) -> bool) -> usize {
        self.services.values().filter(|row| row.values().any(|cell| is_such(cell))).count()
    }

    fn only(mut self, filter: &Filter) -> Self {
        self.services.retain(|service, row| filter.shows(service, row.values().copied()));
        self
    }

    fn table(&self, drawn: &Drawn<'_>, chosen: Option<&str>) -> Markup {
        let groups = drawn.grouping.groups(self.services.iter().map(|(service, row)| (*service, row)), drawn.teams);
        html! {
            table class="matrix" {
                caption class="hidden" { "What runs of each service in each environment" }
                thead {
                    tr {
                        th scope="col" { "Service" span class="small" { (self.services.len()) } }
                        @for environment in &self.environments {
                            @let cells: Vec<_> = self.services.values().filter_map(|row| row.get(environment)).collect();
                            th scope="col" class=[chosen_class(chosen, environment)] {
                                a href=(drawn.asked.link(&address::environment(environment), &[])) { (environment) }
                                span class="small" { (cell::counts(cells.iter().map(|cell| **cell))) }
                            }
                        }
                    }
                }
                @for group in &groups {
                    tbody {
                        @if let Some(name) = &group.name {
                            @let wrong = group.rows.iter().filter(|(_, row)| row.values().any(|cell| cell::is_wrong(cell))).count();
                            tr class="group" {
                                th scope="rowgroup" colspan=(self.environments.len() + 1) {
                                    (name) " " span class="small" {
                                        (words::count(group.rows.len(), "service")) @if wrong > 0 { ", " (wrong) " wrong" }
                                    }
                                }
                            }
                        }
                        @for (service, row) in &group.rows { (self.row(drawn, chosen, service, row)) }
                    }
                }
            }
        }
    }

    fn row(&self, drawn: &Drawn<'_>, chosen: Option<&str>, service: &str, row: &BTreeMap<&str, &LiveCell>) -> Markup {
        html! {
            tr data-service=(service) {
                th scope="row" {
                    a href=(drawn.asked.link(&address::service(service), &[])) { (service) }
                    @if let Some(team) = drawn.teams.get(service).filter(|_| drawn.grouping != Grouping::Team) {
                        span class="small" { (team) }
                    }
                }
                @for environment in &self.environments {
                    (cell::cell(drawn.asked, drawn.frozen, row.get(environment).copied(), chosen_class(chosen, environment)))
                }
            }
        }
    }
}

/// On a narrow screen only the chosen environment is shown.
fn chosen_class(chosen: Option<&str>, environment: &str) -> Option<&'static str> {
    (chosen == Some(environment)).then_some("chosen")
}
