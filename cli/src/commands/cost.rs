//! `cost`: what the installation used this month, and what that costs by a list of prices.

use std::path::{Path, PathBuf};

use api::Usage;
use clap::Args;
use domain::Timestamp;
use domain::questions::cost::{Item, Line, Prices, Used, sum};
use serde_json::json;

use super::{Context, settings};
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::output::{Column, Field, Output, Table, note};

/// The list of prices that is used where none is given.
const PRICES: &str = include_str!("../../prices/us-east-1.json");

/// Show what the installation used this month, and about what that costs
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status cost\n  \
        deployment-status cost --requests 250000         with what CloudWatch counts of the API (AWS/ApiGateway, Count)\n  \
        deployment-status cost --prices my-prices.json   with your own prices\n  \
        deployment-status cost --as-of 2026-02-28        of a month that is over",
    after_help = "Events and metric sets are counted by the installation; metric sets are those of now. Requests are not \
                  counted by it: without --requests, their line is empty, and the sum is without them. Metrics cost at \
                  most what is shown: they cost less where they have no value in some hours. Storage is that of the \
                  events of this month only. The last column is a month with ten times the events, requests and metric \
                  sets, these as many as the settings allow.\n\
                  It is an estimate. docs/operations.md derives the prices; the bill has the truth.\n\
                  The fields of --output text are: item, amount, so far, month, ten times the load."
)]
pub(crate) struct Cost {
    /// A list of prices, as JSON; the default is that of us-east-1 in US dollars
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How many requests the API answered in this time
    #[arg(long, value_name = "N")]
    requests: Option<u64>,
    /// The month up to the day of this time: 2026-03-01, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
}

impl Cost {
    /// # Errors
    /// When the list of prices can't be read (exit code 2), or the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let prices = match &self.prices {
            Some(path) => read(path)?,
            None => parse(PRICES, Path::new("prices/us-east-1.json"))?,
        };
        let (api, printer) = (context.api()?, &context.printer);
        let as_of = self.as_of.map(String::from);
        let answer = api.get::<Usage>("/v1/usage", &[("asOf", as_of.as_deref())])?.value;
        let used = Used {
            events: answer.events,
            requests: self.requests,
            metric_sets: answer.metric_sets,
            most_metric_sets: answer.most_metric_sets,
            part: f64::from(answer.days) / f64::from(answer.days_of_month.max(1)),
        };
        let lines = prices.lines(&used);
        match printer.output {
            Output::Json | Output::Jsonl => printer.json(&as_json(&answer, &prices, &lines).to_string()),
            Output::Text => printer.text(&table(&lines).as_text()),
            Output::Table => {
                let Usage { month, days, days_of_month, .. } = &answer;
                let Prices { name, as_of, currency, .. } = &prices;
                note(&format!("{month}, {days} of {days_of_month} days, in {currency}, by prices of {as_of}: {name}."));
                if self.requests.is_none() {
                    note("Requests are not counted by the installation: give --requests N. The sum is without them.");
                }
                printer.table(&table(&lines))
            }
        }
    }
}

fn read(path: &Path) -> Result<Prices, Failure> {
    parse(&settings::read(path)?, path)
}

fn parse(text: &str, path: &Path) -> Result<Prices, Failure> {
    let wrong = || Failure::new(Exit::Usage, format!("the list of prices in {} is wrong", path.display()));
    let document = domain::json::parse(text.as_bytes()).map_err(|malformed| wrong().advise(malformed.to_string()))?;
    Prices::read(document).map_err(|errors| settings::wrong(wrong(), &errors))
}

fn name(item: Item) -> &'static str {
    match item {
        Item::Events => "events",
        Item::Requests => "requests that ask",
        Item::Metrics => "metric sets, at most",
        Item::Storage => "storage of these events, GB",
        Item::Idle => "when nothing happens",
    }
}

fn table(lines: &[Line]) -> Table {
    let money = [Column::of("SO FAR").right(), Column::of("MONTH").right(), Column::of("TEN TIMES").right()];
    let mut table = Table::new(&[&[Column::of("ITEM"), Column::of("AMOUNT").right()], &money[..]].concat());
    let price = |price: Option<f64>| price.map_or_else(Field::absent, |price| Field::plain(format!("{price:.2}")));
    for line in lines {
        let amount = match (line.item, line.amount) {
            (Item::Idle, _) | (_, None) => Field::absent(),
            (Item::Storage, Some(amount)) => Field::plain(format!("{amount:.3}")),
            (_, Some(amount)) => Field::plain(amount),
        };
        table.add(vec![
            Field::plain(name(line.item)),
            amount,
            price(line.so_far),
            price(line.month),
            price(line.ten_times),
        ]);
    }
    let sums = [sum(lines, |line| line.so_far), sum(lines, |line| line.month), sum(lines, |line| line.ten_times)];
    let [so_far, month, ten_times] = sums.map(|sum| price(Some(sum)));
    table.add(vec![Field::plain("sum of what is known"), Field::absent(), so_far, month, ten_times]);
    table
}

fn as_json(usage: &Usage, prices: &Prices, lines: &[Line]) -> serde_json::Value {
    let items: Vec<_> = lines
        .iter()
        .map(|line| {
            json!({
                "item": name(line.item), "amount": line.amount, "soFar": line.so_far, "month": line.month,
                "tenTimes": line.ten_times,
            })
        })
        .collect();
    json!({
        "usage": usage,
        "prices": {"name": prices.name, "asOf": prices.as_of, "currency": prices.currency},
        "items": items,
        "sum": {
            "soFar": sum(lines, |line| line.so_far),
            "month": sum(lines, |line| line.month),
            "tenTimes": sum(lines, |line| line.ten_times),
        },
    })
}
