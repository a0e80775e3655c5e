//! `metrics`: figures about the deployments of the last hours.

use api::{
    Because, By, ChangeFailures, Dora, Durations, Group, Metrics as Answer, MetricsBefore, Outcomes, Period,
    StageMetrics,
};
use clap::Args;
use domain::Timestamp;
use domain::questions::delivery::Hours;

use super::Context;
use crate::failure::Failure;
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Details, Field, Look, Output, Table, Tone, note, shown, trend};

/// Show success rate, durations and the keys of DORA over a time window that ends now, or at another time.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status metrics                                          of the last 24 hours\n  \
        deployment-status metrics --hours 168 --environment production     of a week\n  \
        deployment-status metrics --hours 9600                             of 400 days, the longest window\n  \
        deployment-status metrics --hours 168 --as-of 1.week.ago            of the week before\n  \
        deployment-status metrics --hours 720 --by team --compare-to previous\n  \
        deployment-status metrics --hours 720 --team shop --by service      the services of a team\n  \
        deployment-status metrics --hours 720 --by service --csv > metrics.csv\n  \
        deployment-status metrics -s checkout -o text | grep '^dora\\.'     one figure per line",
    after_help = "A dash means that a figure is not known, for example a rate when no deployment finished.\n\
                  The trend shows how many deployments finished in each period, and how many of these were \
                  unsuccessful: failed or rolled back. table draws it as bars, json and jsonl have its numbers, text \
                  leaves it out.\n\
                  The fields of --output text are the API's name of a figure and its value, one figure per line. \
                  docs/metrics.md defines each figure."
)]
pub(crate) struct Metrics {
    /// The length of the window in hours: 1 to 9600 (400 days)
    #[arg(long, value_name = "N", default_value = "24", value_parser = read_hours)]
    hours: Hours,
    /// Only deployments of this service
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// Only services of this team, as the settings say
    #[arg(long, value_name = "NAME")]
    team: Option<String>,
    /// Only deployments of this release
    #[arg(long, value_name = "NAME")]
    release: Option<String>,
    /// The window ends at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// The keys of each of these too: service, environment, team or release
    #[arg(long, value_name = "WHAT", value_parser = clap::builder::PossibleValuesParser::new(By::NAMES))]
    by: Option<String>,
    /// The window before too, with the differences: previous
    #[arg(long, value_name = "WINDOW", value_parser = ["previous"])]
    compare_to: Option<String>,
    /// Print a table of the figures as comma-separated values
    #[arg(long)]
    csv: bool,
}

fn read_hours(text: &str) -> Result<Hours, String> {
    Hours::parse(text).map_err(|invalid| invalid.to_string())
}

impl Metrics {
    /// # Errors
    /// When there is no such environment or service (exit code 3), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let (environment, service) = (context.settings.environment(), self.service.as_deref());
        let hours = self.hours.get().to_string();
        let as_of = self.as_of.map(String::from);
        let query = [
            ("environment", environment),
            ("service", service),
            ("team", self.team.as_deref()),
            ("release", self.release.as_deref()),
            ("hours", Some(&*hours)),
            ("asOf", as_of.as_deref()),
            ("by", self.by.as_deref()),
            ("compareTo", self.compare_to.as_deref()),
        ];
        let answer = api.get::<Answer>("/v1/metrics", &query)?;
        if finished(&answer.value.deployments) == 0 {
            must_exist(&api, environment, service)?;
            note("No deployment finished in this time.");
        }
        if self.csv {
            return printer.text(&answer.value.csv());
        }
        match printer.output {
            Output::Json => printer.json(&answer.body),
            Output::Jsonl => printer.line(&answer.body),
            Output::Text => printer.text(&as_text(&answer.value)),
            Output::Table => {
                let look = &printer.look;
                let parts = [
                    Some(self.figures(&answer.value).render(look)),
                    answer.value.previous.as_ref().map(|previous| before(&answer.value, previous).render(look)),
                    answer.value.groups.as_ref().map(|groups| by_group(groups).render(look)),
                    trend_chart(&answer.value.trend, look),
                    Some(stages(&answer.value.stages).render(look)).filter(|table| !table.is_empty()),
                ];
                printer.text(&parts.into_iter().flatten().collect::<Vec<_>>().join("\n"))
            }
        }
    }

    /// The window, and the figures of all its deployments.
    fn figures(&self, metrics: &Answer) -> Details {
        let of = |what: &str, name: &Option<String>| name.as_ref().map(|name| format!(" of {what} {name}"));
        let part: String = [of("team", &metrics.team), of("release", &metrics.release)].into_iter().flatten().collect();
        let what = match (metrics.service.as_deref(), metrics.environment.as_deref()) {
            (None, None) if metrics.environments.because == Because::All => "all deployments".to_owned(),
            (service, environment) => {
                let production = || match &metrics.environments.names {
                    Some(names) => names.join(", "),
                    None => "all environments".to_owned(),
                };
                let environment = environment.map_or_else(production, str::to_owned);
                format!("{} in {environment}", service.unwrap_or("all services"))
            }
        };
        let hours = span(self.hours.get().into());
        let mut details = Details::new(&format!("last {hours}, until {}: {what}{part}", moment::absolute(&metrics.to)));
        let Outcomes { completed, failed, rolled_back, cancelled } = metrics.deployments;
        let outcomes =
            format!("{completed} completed, {failed} failed, {rolled_back} rolled back, {cancelled} cancelled");
        details.add("Deployments", Field::plain(outcomes));
        details.add("Success rate", Field::percent(metrics.success_rate));
        details.add(
            "Duration",
            metrics.duration_seconds.map_or_else(Field::absent, |known| Field::plain(durations(&known))),
        );
        let dora = &metrics.dora;
        details.add("Deployments per day", Field::plain((dora.deployments_per_day * 100.0).round() / 100.0));
        details.add("Change failure rate", Field::percent(dora.change_failure_rate));
        if dora.change_failures.total > 0 {
            details.add("Change failures", Field::plain(failures(&dora.change_failures)));
        }
        details.add("Rework rate", Field::percent(dora.deployment_rework_rate));
        details.add("Median lead time", Field::seconds(dora.median_lead_time_seconds));
        details.add("Median time to restore", Field::seconds(dora.median_time_to_restore_seconds));
        details
    }
}

/// A table of the keys, of what its first column says.
fn keys_of(first: &'static str) -> Table {
    let number = |name, rank| Column::optional(name, rank).right();
    Table::new(&[
        Column::of(first),
        number("PER DAY", 1),
        number("SUCCESS", 4),
        Column::of("FAILURES").right(),
        number("REWORK", 5),
        number("LEAD TIME", 2),
        number("RESTORE", 3),
    ])
}

fn keys(name: Field, success_rate: Option<f64>, dora: &Dora) -> Vec<Field> {
    vec![
        name,
        Field::plain((dora.deployments_per_day * 100.0).round() / 100.0),
        Field::percent(success_rate),
        Field::percent(dora.change_failure_rate),
        Field::percent(dora.deployment_rework_rate),
        Field::seconds(dora.median_lead_time_seconds),
        Field::seconds(dora.median_time_to_restore_seconds),
    ]
}

/// This window and the one before.
fn before(metrics: &Answer, previous: &MetricsBefore) -> Table {
    let mut table = keys_of("WINDOW");
    table.add(keys(Field::plain("this"), metrics.success_rate, &metrics.dora));
    table.add(keys(Field::plain("before"), previous.success_rate, &previous.dora));
    table
}

/// A row for each group.
fn by_group(groups: &[Group]) -> Table {
    let mut table = keys_of("OF");
    for group in groups {
        let name = group.name.as_deref().map_or_else(Field::absent, Field::of);
        table.add(keys(name, group.success_rate, &group.dora));
    }
    table
}

/// How many changes failed, and in which ways.
fn failures(failures: &ChangeFailures) -> String {
    let ChangeFailures { undone, failed_after, judged_bad, incidents, total } = *failures;
    let judged_bad =
        judged_bad.map_or_else(|| "what was measured is not counted".to_owned(), |n| format!("{n} judged bad"));
    format!("{total}: {undone} undone, {failed_after} failed after completing, {judged_bad}, {incidents} by incidents")
}

fn durations(durations: &Durations) -> String {
    let Durations { average, p50, p95, maximum, .. } = *durations;
    let [average, p50, p95, maximum] = [average, p50, p95, maximum].map(moment::duration);
    format!("average {average}, p50 {p50}, p95 {p95}, maximum {maximum}")
}

/// A number of hours; in days when there are more than 48.
fn span(hours: u64) -> String {
    if hours > 48 && hours.is_multiple_of(24) { format!("{} days", hours / 24) } else { format!("{hours} h") }
}

/// The trend as bars: a column for each period. When the terminal has no room for all, several periods share
/// a column. Nothing when no deployment finished.
fn trend_chart(trend: &[Period], look: &Look) -> Option<String> {
    const FINISHED: &str = "Finished";
    const UNSUCCESSFUL: &str = "Unsuccessful";
    let periods: Vec<(u64, u64)> =
        trend.iter().map(|period| (finished(&period.outcomes), unsuccessful(&period.outcomes))).collect();
    // There are two spaces before the name and two after it.
    let most = look.width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(UNSUCCESSFUL.len() + 4).max(1));
    let together = periods.len().div_ceil(most).max(1);
    let sum = |periods: &[(u64, u64)]| {
        periods.iter().fold((0_u64, 0_u64), |sum, next| (sum.0.saturating_add(next.0), sum.1.saturating_add(next.1)))
    };
    // Grouped from the end, as the API's periods are: the oldest column can be shorter.
    let mut columns: Vec<(u64, u64)> = periods.rchunks(together).map(sum).collect();
    columns.reverse();
    let highest = columns.iter().map(|column| column.0).max().filter(|highest| *highest > 0)?;
    let mut details = Details::new(&format!("Trend{}, the highest is {highest}", per_column(trend, together)));
    let line = |count: fn(&(u64, u64)) -> u64| Field::plain(trend::bars(columns.iter().map(count), highest, look));
    details.add(FINISHED, line(|column| column.0));
    if columns.iter().any(|column| column.1 > 0) {
        details.add(UNSUCCESSFUL, line(|column| column.1).toned(Tone::Bad));
    }
    Some(details.render(look))
}

/// The time that a column covers. It is computed from the newest period, which is never a shorter one.
fn per_column(trend: &[Period], together: usize) -> String {
    let newest = trend
        .last()
        .and_then(|period| Some((Timestamp::parse(&period.from).ok()?, Timestamp::parse(&period.to).ok()?)));
    let hours = newest.and_then(|(from, to)| u64::try_from((to.millis() - from.millis()) / 3_600_000).ok());
    hours.map_or(String::new(), |hours| format!(": one column is {}", span(hours.saturating_mul(together as u64))))
}

fn finished(outcomes: &Outcomes) -> u64 {
    unsuccessful(outcomes).saturating_add(outcomes.completed).saturating_add(outcomes.cancelled)
}

fn unsuccessful(outcomes: &Outcomes) -> u64 {
    outcomes.failed.saturating_add(outcomes.rolled_back)
}

/// A row for each stage.
fn stages(stages: &[StageMetrics]) -> Table {
    let rolled_back = stages.iter().any(|stage| stage.outcomes.rolled_back > 0);
    let mut columns = vec![Column::of("STAGE"), Column::optional("COMPLETED", 4).right(), Column::of("FAILED").right()];
    if rolled_back {
        columns.push(Column::optional("ROLLED BACK", 5).right());
    }
    columns.push(Column::of("SUCCESS RATE").right());
    columns.extend([("P50", 1), ("P95", 2), ("MAX", 3)].map(|(name, rank)| Column::optional(name, rank).right()));
    let mut table = Table::new(&columns);
    for stage in stages {
        let mut row =
            vec![Field::of(&stage.stage), Field::plain(stage.outcomes.completed), Field::plain(stage.outcomes.failed)];
        if rolled_back {
            row.push(Field::plain(stage.outcomes.rolled_back));
        }
        row.push(Field::percent(stage.success_rate));
        let seconds = stage.duration_seconds;
        row.extend([seconds.map(|s| s.p50), seconds.map(|s| s.p95), seconds.map(|s| s.maximum)].map(Field::seconds));
        table.add(row);
    }
    table
}

/// One figure per line, with the name that it has in the API's answer.
fn as_text(metrics: &Answer) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: Option<String>| {
        text.extend([&shown(name), "\t", &shown(&value.unwrap_or_default()), "\n"]);
    };
    line("environment", metrics.environment.clone());
    line("environments", metrics.environments.names.as_ref().map(|names| names.join(" ")));
    line("service", metrics.service.clone());
    line("team", metrics.team.clone());
    line("release", metrics.release.clone());
    line("from", Some(metrics.from.clone()));
    line("to", Some(metrics.to.clone()));
    outcome_lines("deployments.", &metrics.deployments, &mut line);
    result_lines("", metrics.success_rate, metrics.duration_seconds, &mut line);
    dora_lines("", &metrics.dora, &mut line);
    if let Some(previous) = &metrics.previous {
        outcome_lines("previous.deployments.", &previous.deployments, &mut line);
        line("previous.successRate", previous.success_rate.map(|rate| rate.to_string()));
        dora_lines("previous.", &previous.dora, &mut line);
    }
    for group in metrics.groups.iter().flatten() {
        let of = format!("group.{}.", group.name.as_deref().unwrap_or_default());
        outcome_lines(&format!("{of}deployments."), &group.deployments, &mut line);
        line(&format!("{of}successRate"), group.success_rate.map(|rate| rate.to_string()));
        dora_lines(&of, &group.dora, &mut line);
    }
    for stage in &metrics.stages {
        let of = format!("stage.{}.", stage.stage);
        outcome_lines(&of, &stage.outcomes, &mut line);
        result_lines(&of, stage.success_rate, stage.duration_seconds, &mut line);
    }
    text
}

fn dora_lines(of: &str, dora: &Dora, line: &mut impl FnMut(&str, Option<String>)) {
    let failures = &dora.change_failures;
    for (name, count) in [
        ("undone", Some(failures.undone)),
        ("failedAfter", Some(failures.failed_after)),
        ("judgedBad", failures.judged_bad),
        ("incidents", Some(failures.incidents)),
        ("total", Some(failures.total)),
    ] {
        line(&format!("{of}dora.changeFailures.{name}"), count.map(|count| count.to_string()));
    }
    for (name, value) in [
        ("deploymentsPerDay", Some(dora.deployments_per_day)),
        ("changeFailureRate", dora.change_failure_rate),
        ("deploymentReworkRate", dora.deployment_rework_rate),
        ("medianLeadTimeSeconds", dora.median_lead_time_seconds),
        ("medianTimeToRestoreSeconds", dora.median_time_to_restore_seconds),
    ] {
        line(&format!("{of}dora.{name}"), value.map(|value| value.to_string()));
    }
}

fn outcome_lines(of: &str, outcomes: &Outcomes, line: &mut impl FnMut(&str, Option<String>)) {
    let Outcomes { completed, failed, rolled_back, cancelled } = outcomes;
    for (name, count) in
        [("completed", completed), ("failed", failed), ("rolledBack", rolled_back), ("cancelled", cancelled)]
    {
        line(&format!("{of}{name}"), Some(count.to_string()));
    }
}

fn result_lines(of: &str, rate: Option<f64>, seconds: Option<Durations>, line: &mut impl FnMut(&str, Option<String>)) {
    line(&format!("{of}successRate"), rate.map(|rate| rate.to_string()));
    for (name, value) in [
        ("count", seconds.map(|seconds| seconds.count.to_string())),
        ("average", seconds.map(|seconds| seconds.average.to_string())),
        ("p50", seconds.map(|seconds| seconds.p50.to_string())),
        ("p95", seconds.map(|seconds| seconds.p95.to_string())),
        ("maximum", seconds.map(|seconds| seconds.maximum.to_string())),
    ] {
        line(&format!("{of}durationSeconds.{name}"), value);
    }
}
