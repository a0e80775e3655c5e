//! A cell of the matrix: the version over its age, and beside them what else matters.

use api::LiveCell;
use domain::follows::judged::Noted;
use domain::identifiers::Identifier as _;
use domain::questions::compare::Relation;
use domain::settings::{Freeze, Names};
use domain::{Environment, Service, Status, Timestamp, label};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::{self, Symbol};
use crate::{address, words};

/// Ages in days from which what is live is no longer young, and from which it is old.
const AGES: [f64; 2] = [30.0, 90.0];

/// What is said of a cell beside its version: a symbol, words, and a page that tells more.
struct Said {
    symbol: Symbol,
    words: Markup,
}

/// What is frozen at the time that the page is about.
pub(super) struct Frozen<'f> {
    pub(super) freezes: &'f [Freeze],
    pub(super) names: &'f Names,
    pub(super) at: Timestamp,
}

impl Frozen<'_> {
    /// Until when nothing may go to the place of a cell; none where it may now.
    fn until(&self, cell: &LiveCell) -> Option<Timestamp> {
        let (environment, service) = (Environment::parse(&cell.environment).ok()?, Service::parse(&cell.service).ok()?);
        let about = self.freezes.iter().filter(|freeze| freeze.is_about(&environment, self.names));
        let about: Vec<&Freeze> = about.filter(|freeze| !freeze.excepts(&service, self.names)).collect();
        about.iter().any(|freeze| freeze.holds(self.at)).then(|| Freeze::over(&about, self.at))
    }
}

/// How it stands to the environment before it.
pub(super) fn relation(cell: &LiveCell) -> Option<Relation> {
    cell.difference.as_ref().map(|difference| difference.relation)
}

fn failed_last(cell: &LiveCell) -> bool {
    ends(cell).any(|status| status == Status::Failed)
}

/// How the last attempts ended: that of the place, or that of each region.
fn ends(cell: &LiveCell) -> impl Iterator<Item = Status> {
    let attempts =
        cell.last_attempt.iter().chain(cell.regions.iter().filter_map(|region| region.last_attempt.as_ref()));
    attempts.map(|last| last.status)
}

fn has_stalled(cell: &LiveCell) -> bool {
    cell.active.iter().flatten().any(|active| active.stuck)
}

/// Whether it wants a look: something speaks against what runs, the last attempt failed or was undone, something has
/// stalled, or what runs was never seen before.
pub(super) fn is_wrong(cell: &LiveCell) -> bool {
    let is_undone = |status| matches!(status, Status::Failed | Status::RolledBack);
    cell.verdict.is_some() || ends(cell).any(is_undone) || has_stalled(cell) || relation(cell) == Some(Relation::Unseen)
}

/// Whether another thing runs than in the environment before it, or not the same everywhere.
pub(super) fn differs(cell: &LiveCell) -> bool {
    cell.mixed || relation(cell).is_some_and(|relation| relation != Relation::Same)
}

/// What stands under an environment's name.
pub(super) fn counts<'c>(cells: impl Iterator<Item = &'c LiveCell> + Clone) -> String {
    let live = cells.clone().filter(|cell| cell.version.is_some() || cell.commit.is_some() || cell.mixed).count();
    let running = cells.clone().flat_map(|cell| cell.active.iter().flatten()).count();
    let behind: Vec<&LiveCell> = cells.filter(|cell| relation(cell) == Some(Relation::Behind)).collect();
    let before = behind.first().and_then(|cell| cell.difference.as_ref());
    let before = before.map(|difference| format!(", {} behind {}", behind.len(), difference.environment));
    let running = if running > 0 { format!(", {running} running now") } else { String::new() };
    format!("{live} live{running}{}", before.unwrap_or_default())
}

/// The cell of a place; of none a dash.
pub(super) fn cell(asked: &Asked, frozen: &Frozen<'_>, cell: Option<&LiveCell>, class: Option<&str>) -> Markup {
    let Some(cell) = cell else {
        return html! { td class={ "none " (class.unwrap_or_default()) } { span aria-label="nothing runs" { "–" } } };
    };
    let said = said(asked, Some(frozen), cell);
    let runs = label(cell.version.as_deref(), cell.commit.as_deref());
    let age = cell.since.as_deref().and_then(|since| age(since, asked.at()));
    html! {
        td class={ (tint(cell)) " " (age.unwrap_or("unaged")) " " (class.unwrap_or_default()) } {
            div class="runs" {
                @match (&runs, &cell.deployment_id) {
                    (Some(version), Some(id)) => a class="version" href=(asked.link(&address::deployment(id), &[])) { (version) },
                    (Some(version), None) => span class="version" { (version) },
                    (None, Some(id)) => a class="version" href=(asked.link(&address::deployment(id), &[])) { "not named" },
                    (None, _) if cell.mixed => span class="version" { "mixed" },
                    (None, _) => span class="nothing" { "nothing runs" },
                }
                @if let Some(since) = &cell.since { span class="small" { (words::ago(since, asked.at())) } }
            }
            @if !said.is_empty() {
                ul class="beside" { @for one in &said { li { (one.symbol.with(&one.words)) } } }
            }
        }
    }
}

/// How old what is live is: the name of an edge.
pub(crate) fn age(since: &str, at: Timestamp) -> Option<&'static str> {
    let days = at.seconds_since(Timestamp::parse(since).ok()?) / 86_400.0;
    Some(match AGES {
        [_, old] if days > old => "old",
        [middle, _] if days >= middle => "middle",
        _ => "young",
    })
}

/// Only what wants action tints a cell.
fn tint(cell: &LiveCell) -> &'static str {
    match relation(cell) {
        _ if has_stalled(cell) => "is-notable",
        _ if cell.active.as_ref().is_some_and(|active| !active.is_empty()) => "is-running",
        _ if cell.verdict == Some(Noted::Bad) => "is-wrong",
        Some(Relation::Unseen) => "is-notable",
        _ if cell.verdict.is_some() => "is-notable",
        _ if failed_last(cell) => "is-wrong",
        _ => "",
    }
}

fn said(asked: &Asked, frozen: Option<&Frozen<'_>>, cell: &LiveCell) -> Vec<Said> {
    let mut said = Vec::new();
    let mut say = |symbol: Symbol, words: Markup| said.push(Said { symbol, words });
    for active in cell.active.iter().flatten() {
        let version = label(active.version.as_deref(), active.commit.as_deref()).unwrap_or_default();
        let region = active.region.as_deref().map(|region| format!(" in {region}")).unwrap_or_default();
        let link = asked.link(&address::deployment(&active.deployment_id), &[]);
        if active.stuck {
            let silent = words::ago(&active.updated_at, asked.at());
            say(
                Symbol::Stalled,
                html! { a href=(link) { (version) " stalled" (region) } ", nothing reported for " (silent) },
            );
        } else {
            let word = symbol::word(active.status);
            say(Symbol::from(active.status), html! { a href=(link) { (version) " " (word) " now" (region) } });
        }
    }
    if let Some(verdict) = cell.verdict {
        let of = cell.deployment_id.as_ref().map(|id| asked.link(&address::deployment(id), &[]));
        say(
            verdict.into(),
            html! { @if let Some(of) = of { a href=(of) { (verdict.word()) } } @else { (verdict.word()) } },
        );
    }
    let last = cell.last_attempt.as_ref().filter(|_| cell.regions.is_empty()).map(|last| (None, last));
    let regions = cell.regions.iter().filter_map(|of| Some((Some(of.region.as_str()), of.last_attempt.as_ref()?)));
    for (region, last) in last.into_iter().chain(regions) {
        if last.status == Status::Completed {
            continue;
        }
        let version = last.version.as_ref().map(|version| format!("{version} ")).unwrap_or_default();
        let region = region.map(|region| format!(" in {region}")).unwrap_or_default();
        let id = asked.link(&address::deployment(last.deployment_id.as_str()), &[]);
        let word = if last.status == Status::Failed { "failed last" } else { symbol::word(last.status) };
        say(Symbol::from(last.status), html! { a href=(id) { (version) (word) (region) } });
    }
    if cell.mixed {
        let of_regions: Vec<String> = cell
            .regions
            .iter()
            .map(|of| {
                format!("{} {}", of.region, label(of.version.as_deref(), of.commit.as_deref()).unwrap_or_default())
            })
            .collect();
        say(Symbol::Mixed, html! { "mixed regions: " (of_regions.join(", ")) });
    }
    let difference = cell.difference.as_ref().filter(|difference| !cell.mixed && difference.relation != Relation::Same);
    if let Some(difference) = difference {
        let by = difference.by.map(|by| format!(" by {by}{}", if difference.more { " or more" } else { "" }));
        let by = by.unwrap_or_default();
        let words = match difference.relation {
            Relation::Unseen => format!("unseen in {}", difference.environment),
            relation => format!("{}{by}", relation.as_str()),
        };
        let compared = [("from", &*difference.environment), ("to", &*cell.environment), ("service", &*cell.service)];
        let compared = asked.link("/compare", &compared);
        say(difference.relation.into(), html! { a href=(compared) { (words) } });
    }
    if let Some(until) = frozen.and_then(|frozen| frozen.until(cell)) {
        say(Symbol::Frozen, html! { "frozen until " (words::moment(&until.to_string())) });
    }
    said
}

/// What edges and symbols mean.
pub(super) fn legend() -> Markup {
    let symbols = [
        (Symbol::Behind, "behind by n"),
        (Symbol::Ahead, "ahead by n"),
        (Symbol::Unseen, "unseen before"),
        (Symbol::Mixed, "mixed regions"),
        (Symbol::Running, "running now"),
        (Symbol::Stalled, "stalled"),
        (Symbol::Bad, "bad"),
        (Symbol::Suspect, "suspected"),
        (Symbol::Failed, "failed last"),
        (Symbol::RolledBack, "rolled back"),
        (Symbol::Frozen, "frozen"),
    ];
    html! {
        dl class="legend" {
            dt { "Live for" }
            dd { span class="edge young" {} "under 30 days" }
            dd { span class="edge middle" {} "30 to 90 days" }
            dd { span class="edge old" {} "over 90 days" }
            dt { "Beside it" }
            @for (symbol, words) in symbols { dd { (symbol.with(&html! { (words) })) } }
            dd { "no symbol: the same as in the environment before" }
        }
    }
}

/// What is said of a place beside its version, on pages other than the matrix. These tell of freezes elsewhere.
pub(crate) fn beside(asked: &Asked, cell: &LiveCell) -> Markup {
    let said = said(asked, None, cell);
    html! { @if !said.is_empty() { ul class="beside" { @for one in &said { li { (one.symbol.with(&one.words)) } } } } }
}
