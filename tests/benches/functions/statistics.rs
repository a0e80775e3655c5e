//! What several measurements of one thing say.

use serde_json::{Value, json};

/// A figure of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) least: f64,
    /// How far apart the quartiles are, as a part of the median: how noisy it was.
    pub(crate) spread: f64,
}

impl Figure {
    /// Of at least one measurement.
    pub(crate) fn of(mut samples: Vec<f64>) -> Self {
        samples.sort_by(f64::total_cmp);
        let at = |quarter: usize| samples[(samples.len() - 1) * quarter / 4];
        let median = at(2);
        let spread = if median > 0.0 { (at(3) - at(1)) / median } else { 0.0 };
        Self { median, least: samples[0], spread }
    }

    pub(crate) fn to_json(self) -> Value {
        json!({"median": rounded(self.median), "least": rounded(self.least), "spread": rounded(self.spread)})
    }

    /// A figure of an earlier run.
    pub(crate) fn from_json(value: &Value) -> Option<Self> {
        let field = |name: &str| value[name].as_f64();
        Some(Self { median: field("median")?, least: field("least")?, spread: field("spread")? })
    }
}

/// To three decimals.
fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
