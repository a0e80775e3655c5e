//! Figures as CSV (RFC 4180): a row for the whole window, one for each group, and one for the window before.

use std::fmt::Write as _;

use super::{Dora, Metrics, Outcomes};

/// What the columns are called.
const COLUMNS: [&str; 20] = [
    "of",
    "group",
    "from",
    "to",
    "completed",
    "failed",
    "rolledBack",
    "cancelled",
    "successRate",
    "deploymentsPerDay",
    "undone",
    "failedAfter",
    "judgedBad",
    "incidents",
    "changeFailures",
    "changeFailureRate",
    "deploymentReworkRate",
    "medianLeadTimeSeconds",
    "medianTimeToRestoreSeconds",
    "environments",
];

impl Metrics {
    /// These as CSV. What is not known is empty.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut text = COLUMNS.join(",");
        text.push_str("\r\n");
        let names = self.environments.names.as_ref().map(|names| names.join(" "));
        let environments = names.as_deref().unwrap_or_default();
        let window = (self.from.as_str(), self.to.as_str());
        row(&mut text, ("all", ""), window, (&self.deployments, self.success_rate, &self.dora), environments);
        for group in self.groups.iter().flatten() {
            let figures = (&group.deployments, group.success_rate, &group.dora);
            row(&mut text, ("group", group.name.as_deref().unwrap_or_default()), window, figures, environments);
        }
        if let Some(before) = &self.previous {
            let figures = (&before.deployments, before.success_rate, &before.dora);
            row(&mut text, ("previous", ""), (&before.from, &before.to), figures, environments);
        }
        text
    }
}

fn row(
    text: &mut String,
    (of, group): (&str, &str),
    (from, to): (&str, &str),
    (outcomes, success_rate, dora): (&Outcomes, Option<f64>, &Dora),
    environments: &str,
) {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let failures = &dora.change_failures;
    let counts = [outcomes.completed, outcomes.failed, outcomes.rolled_back, outcomes.cancelled];
    let fields = [of, group, from, to].map(field).into_iter();
    let fields = fields.chain(counts.map(|count| count.to_string()));
    let fields = fields.chain([number(success_rate), dora.deployments_per_day.to_string()]);
    let fields = fields.chain([
        failures.undone.to_string(),
        failures.failed_after.to_string(),
        failures.judged_bad.map(|count| count.to_string()).unwrap_or_default(),
        failures.incidents.to_string(),
        failures.total.to_string(),
    ]);
    let rates = [
        dora.change_failure_rate,
        dora.deployment_rework_rate,
        dora.median_lead_time_seconds,
        dora.median_time_to_restore_seconds,
    ];
    let fields: Vec<String> = fields.chain(rates.map(number)).chain([field(environments)]).collect();
    // Writing into a text does not fail.
    let _ = write!(text, "{}\r\n", fields.join(","));
}

/// A text as a field. A spreadsheet would take what begins like a formula for one: a `'` stands before it.
fn field(text: &str) -> String {
    let like_a_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if like_a_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_a_text_and_what_separates_is_quoted() {
        for (text, expected) in [
            ("", ""),
            ("cart", "cart"),
            ("cart-1@eu", "cart-1@eu"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@sum(a1)", "'@sum(a1)"),
            ("\ta", "'\ta"),
            ("\ra", "\"'\ra\""),
            ("\na", "\"\na\""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("=HYPERLINK(\"https://a.example\",\"b\")", "\"'=HYPERLINK(\"\"https://a.example\"\",\"\"b\"\")\""),
        ] {
            assert_eq!(field(text), expected, "{text:?}");
        }
    }
}
