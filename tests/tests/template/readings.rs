//! What reads metrics: each alarm, and each line of each widget of a dashboard, `SEARCH` included.

use serde_json::Value;

use super::templates::Installation;

/// One metric, or all that a search finds, read with one statistic.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reading {
    /// Who reads.
    pub(crate) by: String,
    pub(crate) namespace: String,
    pub(crate) metric: String,
    /// Names, each with the value asked for; none for any.
    pub(crate) dimensions: Vec<(String, Option<String>)>,
    pub(crate) statistic: String,
}

/// All readings of an installation, and complaints of what can't be understood.
pub(crate) fn of(installation: &Installation) -> (Vec<Reading>, Vec<String>) {
    let (mut readings, mut complaints) = (Vec::new(), Vec::new());
    for (path, alarm) in installation.of_kind("AWS::CloudWatch::Alarm") {
        match of_alarm(path, alarm) {
            Some(reading) => readings.push(reading),
            None => complaints.push(format!("alarm {path}: no metric, dimensions and statistic: {alarm}")),
        }
    }
    for (path, dashboard) in installation.of_kind("AWS::CloudWatch::Dashboard") {
        let body = dashboard["DashboardBody"].as_str().unwrap_or_default();
        match serde_json::from_str::<Value>(body) {
            Ok(body) => of_dashboard(&body, &mut readings, &mut complaints),
            Err(error) => complaints.push(format!("dashboard {path} is no JSON: {error}")),
        }
    }
    (readings, complaints)
}

fn of_alarm(path: &str, alarm: &Value) -> Option<Reading> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let dimensions = alarm["Dimensions"].as_array()?.iter();
    Some(Reading {
        by: format!("alarm {path}"),
        namespace: text(&alarm["Namespace"])?,
        metric: text(&alarm["MetricName"])?,
        dimensions: dimensions.map(|one| Some((text(&one["Name"])?, text(&one["Value"])))).collect::<Option<_>>()?,
        statistic: text(&alarm["Statistic"])?,
    })
}

fn of_dashboard(body: &Value, readings: &mut Vec<Reading>, complaints: &mut Vec<String>) {
    for widget in body["widgets"].as_array().into_iter().flatten() {
        let properties = &widget["properties"];
        let by = format!("widget {}", properties["title"]);
        match widget["type"].as_str() {
            Some("text") => {}
            Some("metric") => {
                for line in properties["metrics"].as_array().into_iter().flatten() {
                    match of_line(&by, line, properties["stat"].as_str()) {
                        Some(reading) => readings.push(reading),
                        None => complaints.push(format!("{by}: {line} is no metric and no search")),
                    }
                }
            }
            _ => complaints.push(format!("{by}: {} is no type of widget that is known here", widget["type"])),
        }
    }
}

/// `[namespace, metric, dimension, value, …, {options}]`, or `[{"expression": "SEARCH(…)"}]`.
fn of_line(by: &str, line: &Value, statistic: Option<&str>) -> Option<Reading> {
    let mut items: Vec<&Value> = line.as_array()?.iter().collect();
    let options = items.pop_if(|item| item.is_object());
    if let Some(expression) = options.and_then(|options| options["expression"].as_str()) {
        return of_search(by, expression);
    }
    let statistic = options.and_then(|options| options["stat"].as_str()).or(statistic);
    let mut texts = items.into_iter().map(|item| item.as_str().map(str::to_owned));
    let (namespace, metric) = (texts.next()??, texts.next()??);
    let mut dimensions = Vec::new();
    while let Some(name) = texts.next() {
        dimensions.push((name?, Some(texts.next()??)));
    }
    let statistic = statistic.unwrap_or("Average").to_owned();
    Some(Reading { by: by.to_owned(), namespace, metric, dimensions, statistic })
}

/// `SEARCH('{namespace,dimension,…} MetricName="…" dimension="…"', 'statistic', period)`.
fn of_search(by: &str, expression: &str) -> Option<Reading> {
    let arguments = expression.strip_prefix("SEARCH('")?.strip_suffix(')')?;
    let (search, rest) = arguments.split_once("', '")?;
    let (statistic, period) = rest.split_once("', ")?;
    period.parse::<u32>().ok()?;
    let (schema, terms) = search.strip_prefix('{')?.split_once('}')?;
    let mut schema = schema.split(',').map(|name| name.trim_matches('"').to_owned());
    let namespace = schema.next()?;
    let mut dimensions: Vec<(String, Option<String>)> = schema.map(|name| (name, None)).collect();
    let mut metric = None;
    let mut terms = terms.split('"');
    while let (Some(name), Some(value)) = (terms.next(), terms.next()) {
        let name = name.trim().strip_suffix('=')?;
        if name == "MetricName" {
            metric = Some(value.to_owned());
        } else {
            dimensions.iter_mut().find(|(dimension, _)| dimension == name)?.1 = Some(value.to_owned());
        }
    }
    Some(Reading { by: by.to_owned(), namespace, metric: metric?, dimensions, statistic: statistic.to_owned() })
}

#[test]
fn a_search_is_read_as_cloudwatch_reads_it() {
    let read = |expression: &str| of_search("x", expression);
    let search = read(r#"SEARCH('{"A b",Environment,Stage} MetricName="M" Environment="eu 1"', 'Sum', 60)"#).unwrap();
    let dimensions = vec![("Environment".to_owned(), Some("eu 1".to_owned())), ("Stage".to_owned(), None)];
    assert_eq!((search.namespace.as_str(), search.metric.as_str()), ("A b", "M"));
    assert_eq!((search.statistic.as_str(), search.dimensions), ("Sum", dimensions));
    for wrong in [
        "FILL(m1, 0)",
        r#"SEARCH('{A,B} MetricName="M" C="1"', 'Sum', 60)"#,
        "SEARCH('{A,B} M', 'Sum', 60)",
        r#"SEARCH('{A,B} MetricName="M"', 'Sum', ten)"#,
    ] {
        assert_eq!(read(wrong), None, "{wrong}");
    }
}

#[test]
fn a_dashboard_that_is_no_json_is_found() {
    let mut installation = Installation::production();
    installation.properties_mut("Environment.Dashboard")["DashboardBody"] = "{\"widgets\": [}".into();
    super::drift::expect_one(&of(&installation).1, &["dashboard Environment.Dashboard is no JSON"]);
}
