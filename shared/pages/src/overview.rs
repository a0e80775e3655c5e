//! What is wrong now, what is under way, what ended last, and the figures.

use std::collections::BTreeSet;

use api::{BadVersion, Deployment, Drift, ListedDeployment, LiveCell, Metrics};
use domain::settings::Freeze;
use maud::html;

use crate::asked::Asked;
use crate::{Page, deployments, words};

mod figures;
mod freezes;
mod under_way;
mod wrong;

/// What the overview is made of.
#[derive(Debug)]
pub struct Overview<'o> {
    /// What runs where.
    pub cells: &'o [LiveCell],
    /// The environments of these that are production.
    pub production: &'o BTreeSet<String>,
    /// What runs although it is bad for the environment that it runs in.
    pub bad: &'o [RunsBad],
    /// Of so many services it was not looked for whether what runs is bad.
    pub not_judged: usize,
    /// The drift of high severity.
    pub drift: &'o Drift,
    /// What has not ended, the newest first; none where it is not known, which is so of the past.
    pub under_way: Option<&'o [UnderWay]>,
    /// The latest deployments.
    pub latest: &'o [ListedDeployment],
    /// The figures; why there are none, where there are too many to count.
    pub figures: Result<&'o Figures, &'o str>,
    /// The freezes of the settings.
    pub freezes: &'o [Freeze],
}

/// A bad version that runs.
#[derive(Debug, Clone)]
pub struct RunsBad {
    /// Where.
    pub environment: String,
    /// The version, as it is called bad for that environment.
    pub version: BadVersion,
}

/// A deployment that has not ended.
#[derive(Debug, Clone)]
pub struct UnderWay {
    /// The deployment.
    pub deployment: Deployment,
    /// Whether nothing was reported of it for too long.
    pub stuck: bool,
    /// How long those of its service to its environment usually take, in seconds: the median of the last days; none
    /// where none completed in them.
    pub usual_seconds: Option<f64>,
}

/// Figures of an environment, or of all.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Of the last 24 hours.
    pub day: Metrics,
    /// Of the last 7 days.
    pub week: Metrics,
    /// Of the 7 days before these.
    pub before: Metrics,
    /// Of each of these 14 days, the oldest first.
    pub days: Vec<Metrics>,
}

/// The overview.
#[must_use]
pub fn page(asked: &Asked, of: &Overview<'_>) -> Page {
    let wrong = wrong::all(asked, of);
    let then = if asked.is_past() { "were" } else { "are" };
    let things = match (wrong.len(), asked.is_past()) {
        (0, false) => "Nothing is wrong".to_owned(),
        (0, true) => "Nothing was wrong".to_owned(),
        (1, false) => "1 thing is wrong".to_owned(),
        (1, true) => "1 thing was wrong".to_owned(),
        (many, _) => format!("{many} things {then} wrong"),
    };
    let under_way = match of.under_way.map(<[UnderWay]>::len) {
        None => String::new(),
        Some(0) => ", nothing is under way".to_owned(),
        Some(1) => ", 1 deployment is under way".to_owned(),
        Some(many) => format!(", {many} deployments are under way"),
    };
    let as_of = asked.parameter("asOf").map(|at| format!(" --as-of={at}")).unwrap_or_default();
    Page {
        title: format!("{things}{under_way}"),
        rest: html! { (wrong::rest(of, &wrong)) (freezes::sentence(asked, of.freezes)) },
        json: asked
            .link("/v1/live", &[("difference", "true"), ("active", "true"), ("verdict", "true"), ("limit", "100")]),
        command: format!("deployment-status live{as_of}"),
        content: html! {
            div class="columns" {
                div {
                    (wrong::card(asked, of, &wrong))
                    h2 class="above" {
                        "Latest ten "
                        @if asked.is_past() { span class="small" { "that were created by then, each as it is now " } }
                        a class="small" href=(asked.link("/deployments", &[])) { "All deployments" }
                    }
                    (deployments::table(asked, of.latest))
                    @if of.latest.is_empty() { p { "There are none." } }
                }
                div {
                    (under_way::card(asked, of.under_way))
                    (figures::card(asked, of.figures))
                    (freezes::card(asked, of.freezes))
                }
            }
        },
    }
}

/// A count with what it counts, at the beginning of a sentence.
fn of_all(some: usize, all: usize) -> String {
    format!("{some} of {}", words::count(all, "service"))
}
