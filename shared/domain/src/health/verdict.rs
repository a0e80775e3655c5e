//! The verdict on a deployment: a function of the evidence, of when it was watched, and of the time that is asked for.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::follows::suggested::WasSuggested;

use super::piece::{Figure, Piece, Rule, Says};
use super::suggestion::Suggestion;
use super::watched::Watched;

/// How much evidence of one reason is given.
pub const EVIDENCE: usize = 20;

/// How a deployment went, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum State {
    /// It landed, nothing speaks against it, and it is still watched.
    Watching,
    /// It was watched to the end, nothing speaks against it, and something said that it goes well.
    Good,
    /// It was watched to the end, and nobody measured: not the same as good.
    Unobserved,
    /// Something went wrong where it ran, and it may be why.
    Suspect,
    /// Something speaks against it.
    Bad,
}

impl State {
    /// As it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watching => "WATCHING",
            Self::Good => "GOOD",
            Self::Unobserved => "UNOBSERVED",
            Self::Suspect => "SUSPECT",
            Self::Bad => "BAD",
        }
    }
}

/// How a deployment went, and why that is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// How it went.
    pub state: State,
    /// Since when that is so.
    #[schemars(with = "String")]
    pub since: Timestamp,
    /// Why it is bad or suspected: one for each rule, in the order of the documentation.
    pub reasons: Vec<Reason>,
    /// How many measurements count.
    pub measurements: usize,
    /// How many measurements, alarms and incidents were read and do not count: they were before it began, after its watch,
    /// or when something else ran.
    pub outside: usize,
    /// What to do about it; only of one that is bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Suggestion>,
    /// What was suggested to whoever puts versions back by themselves, where it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggested: Option<WasSuggested>,
}

/// Why a deployment is bad or suspected.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reason {
    /// By what it is judged.
    pub rule: Rule,
    /// The worst that was measured; null where nothing is measured.
    pub observed: Option<f64>,
    /// What that was to keep to, when it was received.
    pub bound: Option<f64>,
    /// What it was before the deployment.
    pub baseline: Option<f64>,
    /// When the worst was.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// When the first was.
    #[schemars(with = "String")]
    pub first: Timestamp,
    /// When the last was.
    #[schemars(with = "String")]
    pub last: Timestamp,
    /// How many there were.
    pub count: usize,
    /// The latest of them, the latest first; at most 20.
    pub evidence: Vec<Evidence>,
}

/// A piece of evidence, as it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// When it was.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// The history that it stands in: the deployment's own, that of an incident, of verdicts, or of observations.
    pub deployment_id: String,
    /// What was measured.
    pub observed: Option<f64>,
    /// Who said so.
    pub by: Option<String>,
    /// What was said.
    pub reason: Option<String>,
}

impl Reason {
    /// It as a sentence without who said so: `errorRate was 7.5, above 5; 3 times from 12:00 to 12:20`.
    #[must_use]
    pub fn words(&self) -> String {
        let beyond = if self.rule == Rule::HealthScore { "below" } else { "above" };
        let figure = self.observed.zip(self.bound).map(|(observed, bound)| {
            let before = self.baseline.map(|before| format!(", when it was {before} before")).unwrap_or_default();
            format!(" was {observed}, {beyond} {bound}{before}")
        });
        let what = match self.rule {
            Rule::HealthCheck => "a health check failed",
            Rule::Alarm => "an alarm went off",
            Rule::RolledBack => "it was rolled back",
            Rule::FailedAfterCompleting => "it failed after it had completed",
            Rule::Incident => "an incident began",
            Rule::Marked => "its version was called bad",
            Rule::HealthScore | Rule::ErrorRate | Rule::LatencyP95Ms => self.rule.as_str(),
        };
        let often = match self.count {
            1 => format!(" at {}", self.first),
            count => format!("; {count} times from {} to {}", self.first, self.last),
        };
        format!("{what}{}{often}", figure.unwrap_or_default())
    }
}

/// The verdict on a deployment at a time; none where it has not landed and nothing of its own speaks against it.
#[must_use]
pub fn verdict(watched: &Watched, evidence: &[Piece], at: Timestamp) -> Option<Verdict> {
    let mut pieces: Vec<&Piece> = evidence.iter().filter(|piece| piece.at() <= at).collect();
    pieces.sort_by(|one, other| one.order(other));
    pieces.dedup_by(|one, other| one.order(other).is_eq());
    let known = pieces.len();
    pieces.retain(|piece| watched.concerns(piece));
    let outside = known - pieces.len();
    let measurements = pieces.iter().filter(|piece| piece.figure.is_some()).count();
    let against = |says: Says| pieces.iter().copied().filter(move |piece| piece.says == says);
    let made = |state, since, says: &[Says]| {
        let reasons = Rule::ALL.into_iter().filter_map(|rule| {
            let of_rule = pieces.iter().copied().filter(|piece| piece.rule == rule && says.contains(&piece.says));
            reason(rule, &of_rule.collect::<Vec<_>>())
        });
        Some(Verdict {
            state,
            since,
            reasons: reasons.collect(),
            measurements,
            outside,
            suggestion: None,
            suggested: None,
        })
    };
    let first = |says: Says| against(says).next().map(Piece::at);
    if let Some(since) = first(Says::Bad) {
        return made(State::Bad, since, &[Says::Bad, Says::Suspect]);
    }
    let (landed, ends) = (watched.landed.filter(|landed| *landed <= at)?, watched.watch_ends()?);
    if let Some(since) = first(Says::Suspect) {
        return made(State::Suspect, since, &[Says::Suspect]);
    }
    if at < ends {
        return made(State::Watching, landed, &[]);
    }
    let is_good = against(Says::Good).next().is_some();
    made(if is_good { State::Good } else { State::Unobserved }, ends, &[])
}

/// What was measured of a deployment by a time and makes it bad, in its order.
#[must_use]
pub fn measured_badly(watched: &Watched, evidence: Vec<Piece>, at: Timestamp) -> Vec<Piece> {
    let speaks = |piece: &Piece| {
        piece.at() <= at && piece.says == Says::Bad && piece.rule.is_measured() && watched.concerns(piece)
    };
    let mut pieces: Vec<Piece> = evidence.into_iter().filter(speaks).collect();
    pieces.sort_by(Piece::order);
    pieces.dedup_by(|one, other| one.order(other).is_eq());
    pieces
}

/// The reason that these pieces of one rule are, which are in their order; none where there are none.
pub(crate) fn reason(rule: Rule, pieces: &[&Piece]) -> Option<Reason> {
    let (first, last) = (pieces.first()?, pieces.last()?);
    // Of those that are as bad as each other, the first.
    let worst =
        pieces.iter().copied().reduce(|worst, piece| if is_worse(rule, piece, worst) { piece } else { worst })?;
    let evidence = pieces.iter().rev().take(EVIDENCE).map(|piece| Evidence {
        at: piece.at(),
        deployment_id: piece.history.to_string(),
        observed: piece.figure.map(|figure| figure.observed),
        by: piece.by.clone(),
        reason: piece.reason.clone(),
    });
    Some(Reason {
        rule,
        observed: worst.figure.map(|figure| figure.observed),
        bound: worst.figure.map(|figure| figure.bound),
        baseline: worst.figure.and_then(|figure| figure.baseline),
        at: worst.at(),
        first: first.at(),
        last: last.at(),
        count: pieces.len(),
        evidence: evidence.collect(),
    })
}

fn is_worse(rule: Rule, piece: &Piece, than: &Piece) -> bool {
    // What makes it bad is worse than what makes it suspected.
    if piece.says != than.says {
        return piece.says < than.says;
    }
    let (Some(one), Some(other)) = (piece.figure, than.figure) else { return false };
    let times = |figure: Figure| figure.observed / figure.baseline.unwrap_or(1.0);
    match rule {
        Rule::HealthScore => one.observed < other.observed,
        Rule::LatencyP95Ms => times(one) > times(other),
        _ => one.observed > other.observed,
    }
}
