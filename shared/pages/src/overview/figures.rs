//! Figures of 24 hours and of 7 days, with how these 7 days stand to those before.

use std::cmp::Ordering;

use api::Metrics;
use maud::{Markup, html};

use super::Figures;
use crate::asked::Asked;
use crate::{chart, words};

/// How many of the days are there to compare with.
const BEFORE: usize = 7;

/// A figure: its name, its value where it is known, how it is told, and how a change of it is.
struct Figure {
    name: &'static str,
    value: fn(&Metrics) -> Option<f64>,
    told: fn(Option<f64>) -> String,
    change: fn(f64, f64) -> (String, Tone),
}

/// Whether a change is one for the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tone {
    Neither,
    Better,
    Worse,
}

const FIGURES: [Figure; 5] = [
    Figure {
        name: "Deployments",
        value: |of| Some(of.dora.deployments_per_day * length_in_days(of)),
        told: |value| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.0}")),
        change: |is, was| (relative(is, was, "more", "fewer"), Tone::Neither),
    },
    Figure {
        name: "Change failures",
        value: |of| of.dora.change_failure_rate,
        told: words::percent,
        change: |is, was| {
            let tone = if is > was { Tone::Worse } else { Tone::Better };
            (format!("{:.1} points {}", (is - was).abs(), if is > was { "worse" } else { "better" }), tone)
        },
    },
    Figure {
        name: "Median duration",
        value: |of| of.duration_seconds.map(|known| known.p50),
        told: seconds,
        change: shorter_is_better,
    },
    Figure {
        name: "Lead time",
        value: |of| of.dora.median_lead_time_seconds,
        told: seconds,
        change: shorter_is_better,
    },
    Figure {
        name: "Time to restore",
        value: |of| of.dora.median_time_to_restore_seconds,
        told: seconds,
        change: shorter_is_better,
    },
];

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), words::duration)
}

fn shorter_is_better(is: f64, was: f64) -> (String, Tone) {
    (relative(is, was, "longer", "shorter"), if is > was { Tone::Worse } else { Tone::Better })
}

/// By how much percent something is more or less than it was.
fn relative(is: f64, was: f64, more: &str, less: &str) -> String {
    if was <= 0.0 {
        return format!("{more}: none before");
    }
    let percent = 100.0 * (is - was).abs() / was;
    let percent = if percent < 1.0 { "under 1".to_owned() } else { format!("{percent:.0}") };
    format!("{percent} % {}", if is > was { more } else { less })
}

/// How long a window is, in days.
fn length_in_days(of: &Metrics) -> f64 {
    let times = [&of.from, &of.to].map(|time| domain::Timestamp::parse(time));
    let [Ok(from), Ok(to)] = times else { return 0.0 };
    to.seconds_since(from) / 86_400.0
}

pub(super) fn card(asked: &Asked, figures: Result<&Figures, &str>) -> Markup {
    let of = match figures {
        Ok(of) => of,
        Err(why) => return html! { section class="card" { h2 { "Figures" } p { "There are none here: " (why) "." } } },
    };
    let environment = of.week.environment.as_deref();
    let link = environment.map(|name| ("environment", name));
    let link: Vec<(&str, &str)> = [("hours", "168")].into_iter().chain(link).collect();
    html! {
        section class="card scrolls" role="region" aria-label="Figures" tabindex="0" {
            h2 { "Figures " span class="small" { (environment.unwrap_or("all environments")) } " " a class="small" href=(asked.link("/metrics", &link)) { "All metrics" } }
            table class="plain" {
                thead { tr {
                    th scope="col" { "Against the 7 days before" } th scope="col" class="number" { "24 hours" }
                    th scope="col" class="number" { "7 days" } th scope="col" { "14 days" }
                } }
                tbody { @for figure in &FIGURES { (row(figure, of)) } }
            }
        }
    }
}

fn row(figure: &Figure, of: &Figures) -> Markup {
    let [day, week, before] = [&of.day, &of.week, &of.before].map(|metrics| (figure.value)(metrics));
    let days: Vec<Option<f64>> = of.days.iter().map(figure.value).collect();
    html! {
        tr {
            th scope="row" { (figure.name) (trend(figure, week, before)) }
            td class="number" { strong { ((figure.told)(day)) } }
            td class="number" { ((figure.told)(week)) }
            td { (chart::spark(&days, BEFORE)) }
        }
    }
}

/// How it stands to the days before, with an arrow.
fn trend(figure: &Figure, week: Option<f64>, before: Option<f64>) -> Markup {
    let (Some(is), Some(was)) = (week, before) else {
        return html! { span class="small under" { "nothing to compare with" } };
    };
    let (arrow, words, tone) = match is.total_cmp(&was) {
        Ordering::Equal => ("→", "the same".to_owned(), Tone::Neither),
        order => {
            let (words, tone) = (figure.change)(is, was);
            (if order == Ordering::Greater { "↑" } else { "↓" }, words, tone)
        }
    };
    let tone = match tone {
        Tone::Neither => "plain",
        Tone::Better => "good",
        Tone::Worse => "bad",
    };
    html! { span class={ "said under " (tone) } { span aria-hidden="true" { (arrow) } " " (words) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_in_words_and_by_whether_it_is_for_the_better() {
        assert_eq!(relative(27.0, 25.0, "more", "fewer"), "8 % more");
        assert_eq!(relative(25.0, 50.0, "more", "fewer"), "50 % fewer");
        assert_eq!(relative(1000.0, 1001.0, "longer", "shorter"), "under 1 % shorter");
        assert_eq!(relative(3.0, 0.0, "more", "fewer"), "more: none before");
        let [deployments, failures, duration, ..] = FIGURES;
        assert_eq!((deployments.change)(1.0, 2.0).1, Tone::Neither);
        assert_eq!((failures.change)(8.6, 7.4), ("1.2 points worse".to_owned(), Tone::Worse));
        assert_eq!((failures.change)(0.0, 7.4), ("7.4 points better".to_owned(), Tone::Better));
        assert_eq!((duration.change)(96.0, 100.0), ("4 % shorter".to_owned(), Tone::Better));
        assert!(trend(&duration, None, Some(1.0)).into_string().contains("nothing to compare with"));
        assert!(trend(&duration, Some(1.0), Some(1.0)).into_string().contains("the same"));
    }
}
