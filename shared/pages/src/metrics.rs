//! The figures and the keys over a window, with a chart of it.

use api::{Because, ChangeFailures, Counted, Dora, Durations, Group, Metrics, Outcomes, Period, StageMetrics};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::chart::{self, Part};
use crate::fields::{self, Field};
use crate::{Page, address, words};

/// The windows that are asked for often, in hours.
const WINDOWS: [(&str, &str); 5] =
    [("24", "24 hours"), ("168", "7 days"), ("720", "30 days"), ("2208", "92 days"), ("8784", "366 days")];

/// What deployments finish with: what it is called, its tone, and how many there are of it.
type Finish = (&'static str, &'static str, fn(&Outcomes) -> u64);

const OUTCOMES: [Finish; 4] = [
    ("completed", "good", |of| of.completed),
    ("rolled back", "undone", |of| of.rolled_back),
    ("failed", "bad", |of| of.failed),
    ("cancelled", "plain", |of| of.cancelled),
];

/// The figures of a window.
#[must_use]
pub fn page(asked: &Asked, metrics: &Metrics) -> Page {
    let hours = asked.parameter("hours").unwrap_or("24");
    let finished = finished(&metrics.deployments);
    let environment = metrics.environment.as_deref().unwrap_or(match metrics.environments.because {
        Because::Production => "production",
        Because::Asked | Because::All => "all environments",
    });
    let parts = [&metrics.service, &metrics.team, &metrics.release]
        .map(|part| part.as_deref().map(|name| format!("of {name} ")));
    let of = format!("{}in {environment}", parts.into_iter().flatten().collect::<String>());
    let failures = metrics.dora.change_failure_rate.map(|rate| format!(", {rate:.1} % of changes failed"));
    Page {
        title: match finished {
            0 => format!("No deployments {of} finished in {}", window(hours)),
            1 => format!("1 deployment {of} finished in {}{}", window(hours), failures.unwrap_or_default()),
            many => format!("{many} deployments {of} finished in {}{}", window(hours), failures.unwrap_or_default()),
        },
        rest: html! { "From " (words::moment(&metrics.from)) " to before " (words::moment(&metrics.to)) ". " (counted(&metrics.environments)) "A dash is what is not known." },
        json: address::with_query("/v1/metrics", &fields::of_api(asked, &[])),
        command: format!(
            "deployment-status metrics{}",
            fields::flags(
                asked,
                &[
                    ("environment", "environment"),
                    ("service", "service"),
                    ("team", "team"),
                    ("release", "release"),
                    ("hours", "hours"),
                    ("asOf", "as-of"),
                    ("by", "by"),
                    ("compareTo", "compare-to")
                ]
            )
        ),
        content: html! {
            (form(asked, hours))
            (keys(metrics))
            (before(metrics))
            (groups(metrics))
            (trend(metrics))
            (durations(metrics))
            (stages(&metrics.stages))
        },
    }
}

/// Which environments count, where none is named.
fn counted(environments: &Counted) -> String {
    match (environments.because, &environments.names) {
        (Because::Production, Some(names)) => {
            format!("What the settings call production counts: {}. ", names.join(", "))
        }
        (Because::All, _) => "All environments count, because the settings call none production. ".to_owned(),
        _ => String::new(),
    }
}

/// The form, in which a window of any length stands that is asked for.
fn form(asked: &Asked, hours: &str) -> Markup {
    let is_usual = WINDOWS.iter().any(|(value, _)| *value == hours);
    let named = window(hours);
    let other = (!is_usual).then_some((hours, named.as_str()));
    let windows: Vec<(&str, &str)> = WINDOWS.into_iter().chain(other).collect();
    html! {
        nav class="filters" aria-label="Window" {
            @for (value, called) in &windows {
                a class="chip" href=(asked.here(&[("hours", Some(value))])) aria-current=[(*value == hours).then_some("true")] {
                    @if *value == hours { span aria-hidden="true" { "✓ " } } (called)
                }
            }
        }
        (fields::form(asked, "/metrics", &[
            Field::Text("environment", "Environment"),
            Field::Text("service", "Service"),
            Field::Text("team", "Team"),
            Field::Text("release", "Release"),
            Field::Text("hours", "Hours"),
            Field::Text("by", "By service, environment, team or release"),
            Field::Text("compareTo", "Compare to previous"),
        ]))
    }
}

/// A window in words.
fn window(hours: &str) -> String {
    let number: usize = hours.parse().unwrap_or_default();
    if number > 48 && number.is_multiple_of(24) {
        words::count(number / 24, "day")
    } else {
        words::count(number, "hour")
    }
}

fn finished(of: &Outcomes) -> u64 {
    OUTCOMES.iter().map(|(_, _, count)| count(of)).sum()
}

/// The four keys, and the share of what succeeded.
fn keys(metrics: &Metrics) -> Markup {
    let dora = &metrics.dora;
    let seconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::duration);
    let plain = str::to_owned;
    let facts = [
        ("Deployments per day", format!("{:.2}", dora.deployments_per_day), plain("that reached their environment")),
        ("Change failure rate", words::percent(dora.change_failure_rate), failures(&dora.change_failures)),
        (
            "Rework rate",
            words::percent(dora.deployment_rework_rate),
            plain("deployed after a change failure, to restore"),
        ),
        (
            "Median lead time",
            seconds(dora.median_lead_time_seconds),
            plain("from the commit to the completed deployment"),
        ),
        (
            "Median time to restore",
            seconds(dora.median_time_to_restore_seconds),
            plain("of change failures and incidents"),
        ),
        ("Success rate", words::percent(metrics.success_rate), plain("of what was not cancelled")),
    ];
    html! {
        dl class="card facts" {
            @for (name, value, more) in facts { div { dt { (name) } dd { span class="figure" { (value) } span class="small" { (more) } } } }
        }
    }
}

/// What the columns of keys are called.
const KEYS: [&str; 6] = [
    "Deployments per day",
    "Success rate",
    "Change failure rate",
    "Rework rate",
    "Median lead time",
    "Median time to restore",
];

/// The keys as cells.
fn cells(success_rate: Option<f64>, dora: &Dora) -> [String; 6] {
    let seconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::duration);
    [
        format!("{:.2}", dora.deployments_per_day),
        words::percent(success_rate),
        words::percent(dora.change_failure_rate),
        words::percent(dora.deployment_rework_rate),
        seconds(dora.median_lead_time_seconds),
        seconds(dora.median_time_to_restore_seconds),
    ]
}

/// A table of keys: what each row is of, and its cells.
fn table(title: &str, of: &str, rows: &[(String, [String; 6])]) -> Markup {
    html! {
        section class="card scrolls" role="region" aria-label=(title) tabindex="0" {
            h2 { (title) }
            table class="plain" {
                thead { tr { th scope="col" { (of) } @for name in KEYS { th scope="col" class="number" { (name) } } } }
                tbody { @for (name, cells) in rows { tr {
                    th scope="row" { (name) }
                    @for cell in cells { td class="number" { (cell) } }
                } } }
            }
        }
    }
}

/// The window beside the one before it, where that is asked for.
fn before(metrics: &Metrics) -> Markup {
    let Some(previous) = &metrics.previous else { return html! {} };
    let of = &previous.difference;
    let signed = |value: Option<f64>, unit: &str| value.map_or_else(|| "–".to_owned(), |v| format!("{v:+.1}{unit}"));
    let seconds = |value: Option<f64>| {
        value.map_or_else(
            || "–".to_owned(),
            |v| format!("{}{}", if v < 0.0 { "−" } else { "+" }, words::duration(v.abs())),
        )
    };
    let difference = [
        format!("{:+.2}", of.deployments_per_day),
        signed(of.success_rate, " points"),
        signed(of.change_failure_rate, " points"),
        signed(of.deployment_rework_rate, " points"),
        seconds(of.median_lead_time_seconds),
        seconds(of.median_time_to_restore_seconds),
    ];
    let rows = [
        ("This window".to_owned(), cells(metrics.success_rate, &metrics.dora)),
        ("The one before".to_owned(), cells(previous.success_rate, &previous.dora)),
        ("Difference".to_owned(), difference),
    ];
    table("Beside the window before", "Window", &rows)
}

/// The keys of each group, where that is asked for.
fn groups(metrics: &Metrics) -> Markup {
    let Some(groups) = &metrics.groups else { return html! {} };
    let name = |group: &Group| group.name.clone().unwrap_or_else(|| "in none".to_owned());
    let rows: Vec<(String, [String; 6])> =
        groups.iter().map(|group| (name(group), cells(group.success_rate, &group.dora))).collect();
    table("Groups", "Of", &rows)
}

/// How changes failed, in the ways in which any did.
fn failures(of: &ChangeFailures) -> String {
    let ways = [
        (of.undone, "undone"),
        (of.failed_after, "failed after completing"),
        (of.judged_bad.unwrap_or_default(), "judged bad"),
        (of.incidents, "by incidents"),
    ];
    let ways: Vec<String> = ways.iter().filter(|(count, _)| *count > 0).map(|(n, way)| format!("{n} {way}")).collect();
    let ways = if ways.is_empty() {
        "undone, failed after completing, judged bad, incidents".to_owned()
    } else {
        ways.join(", ")
    };
    if of.judged_bad.is_none() { format!("{ways}; what was measured is not counted") } else { ways }
}

fn trend(metrics: &Metrics) -> Markup {
    let parts =
        |period: &Period| OUTCOMES.map(|(_, tone, count)| Part { tone, value: number(count(&period.outcomes)) }).into();
    let columns: Vec<Vec<Part>> = metrics.trend.iter().map(parts).collect();
    let highest = metrics.trend.iter().map(|period| finished(&period.outcomes)).max().unwrap_or_default();
    html! {
        section class="card" {
            h2 { "Deployments over the window " span class="small" { "by when they finished; the highest column is " (highest) } }
            div class="drawn" { (chart::columns(&columns)) }
            ul class="key" {
                @for (name, tone, count) in OUTCOMES { li { (swatch(tone)) (name) " " strong { (count(&metrics.deployments)) } } }
            }
            details {
                summary { "The same as a table" }
                div class="scrolls" role="region" aria-label="Deployments over the window" tabindex="0" {
                    table class="plain" {
                        thead { tr { th scope="col" { "From" } @for (name, _, _) in OUTCOMES { th scope="col" class="number" { (name) } } } }
                        tbody { @for period in &metrics.trend { tr {
                            th scope="row" { (words::moment(&period.from)) }
                            @for (_, _, count) in OUTCOMES { td class="number" { (count(&period.outcomes)) } }
                        } } }
                    }
                }
            }
        }
    }
}

/// How an outcome is drawn in the chart.
fn swatch(tone: &str) -> Markup {
    html! {
        svg class="swatch" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true" {
            rect class={ "fill " (tone) } x="0" y="0" width="12" height="12" {}
            @if tone == "bad" { line class="hatch" x1="0" y1="12" x2="12" y2="0" {} }
        }
    }
}

fn durations(metrics: &Metrics) -> Markup {
    let values = |of: &Durations| {
        [("Median", of.p50), ("Average", of.average), ("95th percentile", of.p95), ("Longest", of.maximum)]
    };
    html! {
        section class="card" {
            h2 { "Durations " span class="small" { "of completed deployments" } }
            @if let Some(known) = &metrics.duration_seconds {
                table class="stages" {
                    thead { tr { th scope="col" { "Of " (known.count) } th scope="col" { "Beside the longest" } th scope="col" class="number" { "Took" } } }
                    tbody { @for (name, value) in values(known) { tr {
                        th scope="row" { (name) }
                        td { (chart::share(value, known.maximum, "")) }
                        td class="number" { (words::duration(value)) }
                    } } }
                }
            } @else { p { "None is known in this window." } }
        }
    }
}

fn stages(stages: &[StageMetrics]) -> Markup {
    let longest = stages.iter().filter_map(|stage| stage.duration_seconds).map(|known| known.p50).fold(0.0, f64::max);
    let seconds = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), words::duration);
    html! {
        @if !stages.is_empty() {
            section class="card scrolls" role="region" aria-label="Stages" tabindex="0" {
                h2 { "Stages " span class="small" { (stages.len()) } }
                table class="plain" {
                    thead { tr {
                        th scope="col" { "Stage" } @for (name, _, _) in OUTCOMES { th scope="col" class="number" { (name) } }
                        th scope="col" class="number" { "Success rate" } th scope="col" { "Median beside the longest" }
                        th scope="col" class="number" { "Median" } th scope="col" class="number" { "95th percentile" }
                    } }
                    tbody { @for stage in stages { tr {
                        th scope="row" { (stage.stage) }
                        @for (_, _, count) in OUTCOMES { td class="number" { (count(&stage.outcomes)) } }
                        td class="number" { (words::percent(stage.success_rate)) }
                        td class="charted" { @if let Some(known) = &stage.duration_seconds { (chart::share(known.p50, longest, "")) } @else { "–" } }
                        td class="number" { (seconds(stage.duration_seconds.map(|known| known.p50))) }
                        td class="number" { (seconds(stage.duration_seconds.map(|known| known.p95))) }
                    } } }
                }
            }
        }
    }
}

/// A count as a length of a chart.
#[expect(clippy::cast_precision_loss, reason = "a count of deployments fits a double exactly")]
fn number(count: u64) -> f64 {
    count as f64
}
