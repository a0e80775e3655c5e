//! What an installation costs, by what it used and a list of prices.
//!
//! Nothing is claimed that is not known: what was not counted has no cost, and the sum says that it is without it.

use crate::fields::{FieldError, Fields, Unknown, kind};
use serde_json::Value;

/// A list of prices: one currency, one region, one day.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// Of what: the region and the currency, in words.
    pub name: String,
    /// The day of these prices: `2025-12-01`.
    pub as_of: String,
    /// The currency: `USD`.
    pub currency: String,
    /// A million events: recorded and published.
    pub million_events: f64,
    /// A million requests that ask.
    pub million_requests: f64,
    /// A metric set in a month in which it has values in every hour.
    pub metric_set: f64,
    /// A gigabyte of tables, kept for a month.
    pub gigabyte: f64,
    /// How many bytes an event takes in the tables.
    pub bytes_per_event: f64,
    /// A month in which nothing happens.
    pub idle: f64,
}

/// What was used in a part of a month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Used {
    /// Events that were recorded.
    pub events: u64,
    /// Requests that asked; none where nobody counted them.
    pub requests: Option<u64>,
    /// Metric sets.
    pub metric_sets: u64,
    /// How many metric sets there can be.
    pub most_metric_sets: u64,
    /// Which part of the month that was: over 0, at most 1.
    pub part: f64,
}

/// What is paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// Recording and publishing events.
    Events,
    /// Answering requests.
    Requests,
    /// Metrics, at most: as if each had values in every hour.
    Metrics,
    /// Keeping the events of this month.
    Storage,
    /// What is paid when nothing happens.
    Idle,
}

/// An item, and what it costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// What is paid for.
    pub item: Item,
    /// How much of it; none where nobody counted it.
    pub amount: Option<f64>,
    /// So far in this month.
    pub so_far: Option<f64>,
    /// In the whole month, if it goes on so.
    pub month: Option<f64>,
    /// In a month with ten times the load.
    pub ten_times: Option<f64>,
}

/// How much more the last column assumes.
const TEN: f64 = 10.0;
const MILLION: f64 = 1_000_000.0;
const GIGABYTE: f64 = 1_000_000_000.0;

impl Prices {
    /// Reads a list of prices.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub fn read(document: Value) -> Result<Self, Vec<FieldError>> {
        let object = match document {
            Value::Object(object) => object,
            other => return Err(vec![FieldError::new("", format!("must be an object, not {}", kind(&other)))]),
        };
        let mut errors = Vec::new();
        let mut from = Fields::new(object, "", &mut errors).with_unknown(Unknown::Refused);
        let prices = Self {
            name: needed_text(&mut from, "name"),
            as_of: needed_text(&mut from, "asOf"),
            currency: needed_text(&mut from, "currency"),
            million_events: needed(&mut from, "millionEvents"),
            million_requests: needed(&mut from, "millionRequests"),
            metric_set: needed(&mut from, "metricSet"),
            gigabyte: needed(&mut from, "gigabyte"),
            bytes_per_event: needed(&mut from, "bytesPerEvent"),
            idle: needed(&mut from, "idle"),
        };
        from.finish(
            "known are name, asOf, currency, millionEvents, millionRequests, metricSet, gigabyte, bytesPerEvent and idle",
        );
        if errors.is_empty() { Ok(prices) } else { Err(errors) }
    }

    /// What was used costs.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts that are far below 2^52")]
    pub fn lines(&self, used: &Used) -> Vec<Line> {
        let part = used.part.clamp(f64::MIN_POSITIVE, 1.0);
        let grows = |item, amount: f64, price: f64| Line {
            item,
            amount: Some(amount),
            so_far: Some(amount * price),
            month: Some(amount / part * price),
            ten_times: Some(amount / part * price * TEN),
        };
        let unknown = Line { item: Item::Requests, amount: None, so_far: None, month: None, ten_times: None };
        let requests = |count: u64| grows(Item::Requests, count as f64, self.million_requests / MILLION);
        let (events, sets) = (used.events as f64, used.metric_sets as f64);
        let stands = |item, amount: f64, price: f64, later: f64| Line {
            item,
            amount: Some(amount),
            so_far: Some(amount * price * part),
            month: Some(amount * price),
            ten_times: Some(later * price),
        };
        vec![
            grows(Item::Events, events, self.million_events / MILLION),
            used.requests.map_or(unknown, requests),
            stands(Item::Metrics, sets, self.metric_set, (sets * TEN).min(used.most_metric_sets as f64).max(sets)),
            grows(Item::Storage, events * self.bytes_per_event / GIGABYTE, self.gigabyte),
            stands(Item::Idle, 1.0, self.idle, 1.0),
        ]
    }
}

/// The sum of what is known of a column.
pub fn sum(lines: &[Line], column: impl Fn(&Line) -> Option<f64>) -> f64 {
    lines.iter().filter_map(column).sum()
}

fn needed_text(from: &mut Fields<'_>, name: &'static str) -> String {
    match from.take(&[name]) {
        Some((_, Value::String(text))) if !text.is_empty() && text.len() <= 200 => text,
        _ => {
            from.wrong(name, "must be a text of up to 200 bytes");
            String::new()
        }
    }
}

fn needed(from: &mut Fields<'_>, name: &'static str) -> f64 {
    let number = from.take(&[name]).and_then(|(_, value)| value.as_f64());
    number.filter(|number| (0.0..=1e12).contains(number)).unwrap_or_else(|| {
        from.wrong(name, "must be a number from 0 to 1e12");
        0.0
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prices() -> Value {
        json!({
            "name": "us-east-1", "asOf": "2025-12-01", "currency": "USD", "millionEvents": 20.0, "millionRequests": 4,
            "metricSet": 2.0, "gigabyte": 0.5, "bytesPerEvent": 2000, "idle": 8
        })
    }

    #[test]
    fn what_was_used_costs_so_far_in_the_month_and_at_ten_times_the_load() {
        let prices = Prices::read(prices()).unwrap();
        let used = Used { events: 500_000, requests: None, metric_sets: 100, most_metric_sets: 800, part: 0.5 };
        let lines = prices.lines(&used);
        let of = |item: Item| *lines.iter().find(|line| line.item == item).unwrap();
        let shown = |line: Line| (line.so_far, line.month, line.ten_times);
        assert_eq!(shown(of(Item::Events)), (Some(10.0), Some(20.0), Some(200.0)));
        assert_eq!(shown(of(Item::Requests)), (None, None, None), "nobody counted them");
        assert_eq!(shown(of(Item::Metrics)), (Some(100.0), Some(200.0), Some(1600.0)), "the bound holds");
        assert_eq!(shown(of(Item::Storage)), (Some(0.5), Some(1.0), Some(10.0)));
        assert_eq!(shown(of(Item::Idle)), (Some(4.0), Some(8.0), Some(8.0)));
        assert!((sum(&lines, |line| line.month) - 229.0).abs() < 1e-9);
        let asked = prices.lines(&Used { requests: Some(1_000_000), ..used });
        assert!((sum(&asked, |line| line.month) - 237.0).abs() < 1e-9);
    }

    #[test]
    fn every_wrong_field_of_a_list_of_prices_is_named() {
        let mut wrong = prices();
        wrong["idle"] = json!("8");
        wrong["gigabyte"] = json!(-1);
        wrong["asOf"] = json!(null);
        wrong["milionEvents"] = json!(1);
        wrong.as_object_mut().unwrap().remove("millionEvents");
        let errors = Prices::read(wrong).unwrap_err();
        let mut fields: Vec<&str> = errors.iter().map(|error| error.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["asOf", "gigabyte", "idle", "milionEvents", "millionEvents"]);
        assert!(Prices::read(json!([])).is_err());
    }
}
