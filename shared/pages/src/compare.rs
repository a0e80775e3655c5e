//! What one environment runs beside another, with the changes in between.

use api::{Compared, ComparedChange, ComparedService, ComparedThing, Comparison, LiveCell};
use domain::label;
use domain::questions::compare::Relation;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{Page, address, words};

/// How many changes of a service are shown.
const CHANGES: usize = 3;

/// The form alone: nothing is asked yet.
#[must_use]
pub fn form_page(asked: &Asked, environments: &[String]) -> Page {
    Page {
        json: "/v1/catalog".to_owned(),
        command: "deployment-status compare FROM TO".to_owned(),
        ..page_of(
            asked,
            "Compare two environments".to_owned(),
            html! { "Which is behind, by what, and since when." },
            form(asked, environments, None),
        )
    }
}

/// A comparison, of which all pages are here.
#[must_use]
pub fn page(asked: &Asked, environments: &[String], comparison: &Comparison) -> Page {
    let (from, to) = (&comparison.from, &comparison.to);
    let [before, after] = [from, to].map(|name| words::name(name));
    let (same, differ): (Vec<&ComparedService>, Vec<&ComparedService>) =
        comparison.items.iter().partition(|item| item.compared.relation == Relation::Same);
    let behind = comparison.items.iter().filter(|item| item.compared.relation == Relation::Behind).count();
    let all = comparison.items.len();
    let title = match (behind, differ.len()) {
        (_, 0) => format!("{after} runs what {before} runs"),
        (0, differ) => format!("{after} differs from {before} in {differ} of {}", words::count(all, "service")),
        (behind, _) => format!("{after} is behind {before} in {behind} of {}", words::count(all, "service")),
    };
    let rest = html! {
        (same.len()) " are the same, " (differ.len() - behind) " differ in another way. The order is that of landing, never that of version numbers."
    };
    let content = html! {
        (form(asked, environments, Some([from.as_str(), to.as_str()])))
        @if !differ.is_empty() {
            div class="card scrolls" role="region" aria-label="What differs" tabindex="0" {
                table class="plain" {
                    caption class="hidden" { "What differs" }
                    thead { tr { th scope="col" { "Service" } th scope="col" { (environment(asked, to)) " is" } th scope="col" { (environment(asked, from)) } th scope="col" { (environment(asked, to)) } th scope="col" { "Changes in between, newest first" } } }
                    tbody { @for item in &differ { (rows(asked, item)) } }
                }
            }
        }
        @if !same.is_empty() {
            section class="card" {
                h2 { "The same on both sides " span class="small" { (same.len()) } }
                ul class="many" { @for item in &same { li { (service(asked, &item.service)) " " span class="small" { (runs(item.to.as_ref())) } } } }
            }
        }
    };
    page_of(asked, title, rest, content)
}

fn page_of(asked: &Asked, title: String, rest: Markup, content: Markup) -> Page {
    let of = |name: &'static str| asked.parameter(name).unwrap_or_default();
    let mut parameters = vec![("from", of("from")), ("to", of("to")), ("limit", "100")];
    parameters.extend(asked.parameter("service").map(|service| ("service", service)));
    let as_of = asked.parameter("asOf").map(|at| format!("@{at}")).unwrap_or_default();
    let known_at = asked.parameter("knownAt").map(|at| format!("--known-at={at} ")).unwrap_or_default();
    let side = |name: &'static str| address::quoted(&format!("{}{as_of}", of(name)));
    Page {
        title,
        rest,
        json: asked.link("/v1/compare", &parameters),
        command: {
            let sides = [side("from"), side("to")];
            let dashes =
                if sides.iter().any(|side| side.trim_start_matches('\'').starts_with('-')) { "-- " } else { "" };
            format!("deployment-status compare {known_at}{dashes}{}", sides.join(" "))
        },
        content,
    }
}

fn form(asked: &Asked, environments: &[String], sides: Option<[&str; 2]>) -> Markup {
    let choice = |name: &str, default: Option<&String>| {
        // By the name that settings have, whatever alias was asked for.
        let chosen = sides.map(|[from, to]| if name == "from" { from } else { to }).or(default.map(String::as_str));
        html! {
            label { (if name == "from" { "From" } else { "to" }) " "
                select name=(name) { @for environment in environments {
                    option value=(environment) selected[chosen == Some(environment.as_str())] { (environment) }
                } }
            }
        }
    };
    let count = environments.len();
    html! {
        form class="filters" method="get" action="/compare" {
            (choice("from", count.checked_sub(2).and_then(|at| environments.get(at))))
            (choice("to", environments.last()))
            @if let Some(service) = asked.parameter("service") { input type="hidden" name="service" value=(service); }
            @if let Some(as_of) = asked.parameter("asOf") { input type="hidden" name="asOf" value=(as_of); }
            button type="submit" { "Compare" }
        }
    }
}

fn rows(asked: &Asked, item: &ComparedService) -> Markup {
    let sides = [item.from.as_ref(), item.to.as_ref()];
    html! {
        tr {
            th scope="row" { (service(asked, &item.service)) }
            td { (relation(&item.compared)) }
            @for side in sides { td { (cell(asked, side)) } }
            td { (changes(asked, &item.compared.changes)) @if let Some(note) = &item.compared.note { p class="small" { (note) } } }
        }
        @for region in &item.regions {
            tr {
                th scope="row" class="region" { (region.region) }
                td { (relation(&region.compared)) }
                @for side in [&region.from, &region.to] { td { (thing(side.as_ref())) } }
                td { (changes(asked, &region.compared.changes)) }
            }
        }
    }
}

fn service(asked: &Asked, name: &str) -> Markup {
    html! { a href=(asked.link(&address::service(name), &[])) { (name) } }
}

fn environment(asked: &Asked, name: &str) -> Markup {
    html! { a href=(asked.link(&address::environment(name), &[])) { (name) } }
}

fn relation(compared: &Compared) -> Markup {
    let by =
        compared.by.map(|by| format!(" by {by}{}", if compared.more { " or more" } else { "" })).unwrap_or_default();
    html! {
        (Symbol::from(compared.relation).with(&html! { (compared.relation.as_str()) (by) }))
        @if let Some(seconds) = compared.for_seconds { span class="small under" { "for " (words::span(seconds)) } }
    }
}

fn cell(asked: &Asked, cell: Option<&LiveCell>) -> Markup {
    let Some(cell) = cell else { return html! { span class="nothing" { "nothing" } } };
    html! {
        @if let Some(id) = &cell.deployment_id { a class="version" href=(asked.link(&address::deployment(id), &[])) { (runs(Some(cell))) } }
        @else { span class="version" { (runs(Some(cell))) } }
        @if let Some(since) = &cell.since { span class="small under" { (words::ago(since, asked.at())) } }
    }
}

fn runs(cell: Option<&LiveCell>) -> String {
    let Some(cell) = cell else { return "nothing".to_owned() };
    if cell.mixed {
        return "mixed".to_owned();
    }
    label(cell.version.as_deref(), cell.commit.as_deref()).unwrap_or_else(|| "not named".to_owned())
}

fn thing(thing: Option<&ComparedThing>) -> Markup {
    let label = thing.and_then(|thing| label(thing.version.as_deref(), thing.commit.as_deref()));
    html! { (label.unwrap_or_else(|| "nothing".to_owned())) }
}

/// Changes with their links; of several services a few of each.
pub(crate) fn changes(asked: &Asked, changes: &[ComparedChange]) -> Markup {
    let of_one = asked.parameter("service").is_some() || asked.path != "/compare";
    let most = if of_one { usize::MAX } else { CHANGES };
    html! {
        @if !changes.is_empty() {
            ul class="changes" {
                @for change in changes.iter().take(most) {
                    li {
                        a href=(asked.link(&address::deployment(&change.deployment_id), &[])) { (label(change.version.as_deref(), change.commit.as_deref()).unwrap_or_else(|| change.deployment_id.clone())) }
                        " " @if let Some(commit) = &change.commit { code { (commit.chars().take(7).collect::<String>()) } }
                        @if let Some(actor) = &change.actor { " " span class="small" { (actor) } }
                        @for (name, link) in change.links.iter().flatten() { " " span class="small" { (name) " " (address::outside(link)) } }
                    }
                }
                @if changes.len() > most { li class="small" { (changes.len() - most) " more" } }
            }
        }
    }
}
