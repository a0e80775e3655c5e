//! What wants a look, the worst first: what failed last, what has stalled, what runs although it is bad or suspected,
//! drift of high severity, and what was rolled back.

use std::collections::BTreeSet;

use api::LiveCell;
use domain::follows::judged::Noted;
use domain::questions::drift::Finding;
use domain::{Environment, Service, Status, label};
use maud::{Markup, html};

use super::{Overview, RunsBad, UnderWay};
use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{address, bad, drift, words};

/// Something that wants a look.
pub(super) struct Wrong<'o> {
    symbol: Symbol,
    kind: Kind,
    /// The service, and where; none where it is about more.
    service: Option<&'o str>,
    environment: Option<&'o str>,
    what: String,
    more: Option<String>,
    /// What it is called, in a word or two, and how that is coloured.
    said: String,
    tone: &'static str,
    since: Option<String>,
    link: String,
}

/// What it is; the worst comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Failed,
    Stalled,
    Bad,
    Suspect,
    Drift,
    RolledBack,
}

/// All of it, the worst first; of one kind that in production, then the newest.
pub(super) fn all<'o>(asked: &Asked, of: &Overview<'o>) -> Vec<Wrong<'o>> {
    let mut wrong: Vec<Wrong<'o>> = of.cells.iter().flat_map(|cell| ended_badly(asked, cell)).collect();
    wrong.extend(of.under_way.unwrap_or_default().iter().filter(|one| one.stuck).map(|one| stalled(asked, one)));
    let ended: BTreeSet<(&str, String)> =
        wrong.iter().filter_map(|one| Some((one.environment?, one.link.clone()))).collect();
    let bad = of.bad.iter().filter(|one| {
        // What failed last here, after it had completed, is told already.
        let deployments = one.version.evidence.iter().filter_map(|piece| piece.deployment_id.as_ref());
        let mut links = deployments.map(|id| asked.link(&address::deployment(id), &[]));
        !links.any(|link| ended.contains(&(one.environment.as_str(), link)))
    });
    wrong.extend(bad.map(|one| runs_bad(asked, one)));
    // Where what runs is known to be a bad version, its verdict says nothing new.
    let is_told = |cell: &LiveCell| {
        of.bad.iter().any(|one| *one.environment == *cell.environment && *one.version.service == *cell.service)
    };
    wrong.extend(of.cells.iter().filter(|cell| !is_told(cell)).filter_map(|cell| spoken_against(asked, cell)));
    wrong.extend(of.drift.items.iter().map(|finding| drifted(asked, finding)));
    let elsewhere = |one: &Wrong<'_>| !one.environment.is_some_and(|name| of.production.contains(name));
    wrong.sort_by(|a, b| {
        let order = |one: &Wrong<'_>| (one.kind, elsewhere(one));
        order(a).cmp(&order(b)).then_with(|| b.since.cmp(&a.since))
    });
    wrong
}

fn ended_badly<'o>(asked: &Asked, cell: &'o LiveCell) -> Vec<Wrong<'o>> {
    let (service, environment) = (&cell.service, &cell.environment);
    let regions = cell.regions.iter().filter_map(|region| region.last_attempt.as_ref());
    let attempts: Vec<_> = if cell.regions.is_empty() { cell.last_attempt.iter().collect() } else { regions.collect() };
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let ended = attempts.into_iter().filter(|last| matches!(last.status, Status::Failed | Status::RolledBack));
    // One that was about all regions is told once.
    ended
        .filter(|last| told.insert(last.deployment_id.as_str()))
        .map(|last| {
            let version = last.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
            let failed = last.status == Status::Failed;
            let (kind, word, said) = if failed {
                (Kind::Failed, "failed", "failed last")
            } else {
                (Kind::RolledBack, "was rolled back", "rolled back")
            };
            Wrong {
                symbol: last.status.into(),
                kind,
                service: Some(service),
                environment: Some(environment),
                what: format!("{service}{version} {word} in {environment}"),
                more: Some(runs(cell)),
                said: said.to_owned(),
                tone: Symbol::from(last.status).tone(),
                since: Some(last.at.to_string()),
                link: asked.link(&address::deployment(last.deployment_id.as_str()), &[]),
            }
        })
        .collect()
}

/// What runs although people were told that something speaks against it.
fn spoken_against<'o>(asked: &Asked, cell: &'o LiveCell) -> Option<Wrong<'o>> {
    let verdict = cell.verdict?;
    let (service, environment) = (&cell.service, &cell.environment);
    let version = label(cell.version.as_deref(), cell.commit.as_deref()).map(|version| format!(" {version}"));
    let page = cell.deployment_id.as_deref().map_or_else(|| address::service(service), address::deployment);
    Some(Wrong {
        symbol: verdict.into(),
        kind: if verdict == Noted::Bad { Kind::Bad } else { Kind::Suspect },
        service: Some(service),
        environment: Some(environment),
        what: format!("{service}{} is {} in {environment}", version.unwrap_or_default(), verdict.word()),
        more: None,
        said: format!("verdict: {}", verdict.word()),
        tone: Symbol::from(verdict).tone(),
        since: cell.since.clone(),
        link: asked.link(&page, &[]),
    })
}

/// What runs in a place, as a sentence.
fn runs(cell: &LiveCell) -> String {
    match label(cell.version.as_deref(), cell.commit.as_deref()) {
        Some(version) => format!("{version} runs."),
        None if cell.mixed => "Regions run different versions.".to_owned(),
        None if cell.deployment_id.is_some() => "What runs has no name.".to_owned(),
        None => "Nothing runs.".to_owned(),
    }
}

fn stalled<'o>(asked: &Asked, one: &'o UnderWay) -> Wrong<'o> {
    let of = &one.deployment;
    let version = label(of.version.as_deref(), of.commit.as_deref()).map(|version| format!(" {version}"));
    Wrong {
        symbol: Symbol::Stalled,
        kind: Kind::Stalled,
        service: Some(&of.service),
        environment: Some(&of.environment),
        what: format!("{}{} has stalled in {}", of.service, version.unwrap_or_default(), of.environment),
        more: Some(match &of.stage {
            Some(stage) => format!("It was in stage {stage} when it was last heard of."),
            None => "Nothing was reported of it for too long.".to_owned(),
        }),
        said: "stalled".to_owned(),
        tone: Symbol::Stalled.tone(),
        since: Some(of.updated_at.clone()),
        link: asked.link(&address::deployment(&of.deployment_id), &[]),
    }
}

fn runs_bad<'o>(asked: &Asked, one: &'o RunsBad) -> Wrong<'o> {
    let of = &one.version;
    let version = label(of.version.as_deref(), of.commit.as_deref()).unwrap_or_default();
    let latest = of.evidence.iter().find(|piece| piece.cleared.is_none()).map(|piece| {
        let place = piece.environment.as_ref().map_or_else(|| " everywhere".to_owned(), |name| format!(" in {name}"));
        let reason = piece.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let why = bad::why(piece.why);
        format!("{}{}{place}{reason}", why[..1].to_uppercase(), &why[1..])
    });
    Wrong {
        symbol: Symbol::Bad,
        kind: Kind::Bad,
        service: Some(&of.service),
        environment: Some(&one.environment),
        what: format!("{} {version} is bad and runs in {}", of.service, one.environment),
        more: latest,
        said: "bad".to_owned(),
        tone: Symbol::Bad.tone(),
        since: Some(of.since.to_string()),
        link: asked.link("/bad", &[("service", &of.service), ("environment", &one.environment)]),
    }
}

fn drifted<'o>(asked: &Asked, finding: &'o Finding) -> Wrong<'o> {
    let (service, environment) = (finding.service.as_ref(), finding.environment.as_ref());
    let mut named = vec![("severity", finding.severity.as_str()), ("kind", finding.kind.as_str())];
    named.extend(service.map(|name| ("service", name.as_str())));
    named.extend(environment.map(|name| ("environment", name.as_str())));
    let place = environment.map(|name| format!("{name}: ")).unwrap_or_default();
    Wrong {
        symbol: drift::symbol(finding.kind).unwrap_or(Symbol::Unseen),
        kind: Kind::Drift,
        service: service.map(Service::as_str),
        environment: environment.map(Environment::as_str),
        what: format!("{place}{}", finding.what),
        more: None,
        said: format!("{}, {}", drift::word(finding.kind), finding.severity.as_str()),
        tone: drift::tone(finding.severity),
        since: finding.since.map(|since| since.to_string()),
        link: asked.link("/drift", &named),
    }
}

/// Of how many services nothing of all this is known.
pub(super) fn rest(of: &Overview<'_>, wrong: &[Wrong<'_>]) -> Markup {
    let services: BTreeSet<&str> = of.cells.iter().map(|cell| cell.service.as_str()).collect();
    let looked_at: BTreeSet<&str> = wrong.iter().filter_map(|one| one.service).collect();
    let fine = services.difference(&looked_at).count();
    html! {
        @if services.is_empty() { "Nothing is recorded yet. " }
        @else { "Nothing is known against " (super::of_all(fine, services.len())) ". " }
    }
}

pub(super) fn card(asked: &Asked, of: &Overview<'_>, wrong: &[Wrong<'_>]) -> Markup {
    let heading = if asked.is_past() { "Wrong then" } else { "Wrong now" };
    html! {
        section class="card" {
            h2 {
                (heading) " " span class="small" { (wrong.len()) @if wrong.len() > 1 { ", worst first" } } " "
                a class="small" href=(asked.link("/drift", &[])) { "All drift" } " "
                a class="small" href=(asked.link("/bad", &[])) { "Bad versions" }
            }
            @if wrong.is_empty() { p { "No last attempt failed, " @if !asked.is_past() { "nothing has stalled, " } "nothing bad runs, and nothing has drifted far." } }
            ul class="rows" { @for one in wrong { (row(asked, one)) } }
            @if of.not_judged > 0 {
                p class="small" { "Of " (words::count(of.not_judged, "service")) " more it was not looked for whether what runs is bad: " a href=(asked.link("/bad", &[])) { "bad versions" } " has them." }
            }
            @if of.drift.next_cursor.is_some() { p class="small" { "There is more drift of high severity." } }
        }
    }
}

fn row(asked: &Asked, one: &Wrong<'_>) -> Markup {
    html! {
        li class="is-wrong" {
            (one.symbol.toned(one.tone))
            a href=(one.link) { (one.what) }
            span class={ "said " (one.tone) } { (one.said) }
            @if let Some(since) = &one.since { span class="small when" { (words::ago(since, asked.at())) } }
            @if let Some(more) = &one.more { span class="small more-of-it" { (more) } }
        }
    }
}
