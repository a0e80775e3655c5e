//! `compare`: what one environment runs beside another.

use api::{Compared, ComparedService, ComparedThing, Comparison, LiveCell};
use clap::Args;
use domain::questions::compare::Relation;
use domain::{Timestamp, label};

use super::Context;
use crate::api::next_page;
use crate::failure::{Exit, Failure};
use crate::moment;
use crate::names::must_exist;
use crate::output::{Column, Field, Output, Table, Tone, note, shown};

/// Compare what two environments run: which is behind, by what and since when.
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  \
        deployment-status compare staging production\n  \
        deployment-status compare staging production --service checkout     with the deployments in between\n  \
        deployment-status compare production@2.weeks.ago production         what changed in two weeks\n  \
        deployment-status compare staging production --exit-code            5 when they differ",
    after_help = "same: the same thing runs in both. behind: what runs in the second landed in the first before what \
                  runs there now. ahead: the other way round. unseen: what runs in the second never landed in the \
                  first, as with a hotfix. missing, extra: it runs in the first, or in the second, only. mixed: \
                  regions disagree, and each is compared.\n\
                  Versions are not compared as numbers: the order is that in which they landed.\n\
                  The fields of --output text are: service, region, relation, by, since, version in the first, version \
                  in the second, note. `by` ends with + where there are more than were read."
)]
pub(crate) struct Compare {
    /// The environment from which changes come, with @TIME as it was then
    #[arg(value_name = "FROM[@TIME]", value_parser = Side::read)]
    from: Side,
    /// The environment to which they go, with @TIME as it was then
    #[arg(value_name = "TO[@TIME]", value_parser = Side::read)]
    to: Side,
    /// Only this service, with the deployments that stand in between
    #[arg(long, short, value_name = "NAME")]
    service: Option<String>,
    /// Both as they were at this time: 2026-03-01T12:00:00Z, 2026-03-01, 2h, yesterday, 2.weeks.ago
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    as_of: Option<Timestamp>,
    /// As it was known at this time, without events that were recorded later
    #[arg(long, value_name = "TIME", value_parser = moment::read_up_to)]
    known_at: Option<Timestamp>,
    /// End with 5 when something differs
    #[arg(long)]
    exit_code: bool,
}

/// An environment, at a time.
#[derive(Debug, Clone)]
struct Side {
    typed: String,
    environment: String,
    as_of: Option<Timestamp>,
}

impl Side {
    /// What stands behind the last `@` is a time, if it reads as one: a name may have an `@` in it.
    #[expect(clippy::unnecessary_wraps, reason = "as clap calls it")]
    fn read(text: &str) -> Result<Self, String> {
        let at_a_time = text
            .rsplit_once('@')
            .and_then(|(environment, time)| Some((environment.to_owned(), Some(moment::read_up_to(time).ok()?))));
        let (environment, as_of) = at_a_time.unwrap_or_else(|| (text.to_owned(), None));
        Ok(Self { typed: text.to_owned(), environment, as_of })
    }
}

impl Compare {
    /// # Errors
    /// When something differs and `--exit-code` is given (exit code 5), when there is no such environment or service
    /// (3), or when the API does not answer.
    pub(crate) fn run(&self, context: &Context) -> Result<(), Failure> {
        let (api, printer) = (context.api()?, &context.printer);
        let time = |time: Option<Timestamp>| time.map(String::from);
        let (as_of, from_as_of, to_as_of) = (time(self.as_of), time(self.from.as_of), time(self.to.as_of));
        let known_at = time(self.known_at);
        let mut services: Vec<ComparedService> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let query = [
                ("from", Some(self.from.environment.as_str())),
                ("to", Some(self.to.environment.as_str())),
                ("service", self.service.as_deref()),
                ("asOf", as_of.as_deref()),
                ("fromAsOf", from_as_of.as_deref()),
                ("toAsOf", to_as_of.as_deref()),
                ("knownAt", known_at.as_deref()),
                ("limit", Some("100")),
                ("cursor", cursor.as_deref()),
            ];
            let page = api.get::<Comparison>("/v1/compare", &query)?;
            match printer.output {
                Output::Json => printer.json(&page.body)?,
                Output::Jsonl => printer.lines_of(&page.body)?,
                Output::Table | Output::Text => {}
            }
            services.extend(page.value.items);
            if !next_page(&mut cursor, page.value.next_cursor)? {
                break;
            }
        }
        // An environment in which nothing runs may be misspelt.
        if services.iter().all(|service| service.from.is_none()) {
            must_exist(&api, Some(&self.from.environment), self.service.as_deref())?;
        }
        if services.iter().all(|service| service.to.is_none()) {
            must_exist(&api, Some(&self.to.environment), None)?;
        }
        if services.is_empty() {
            note("Nothing runs in either.");
        }
        let now = printer.look.now;
        match printer.output {
            Output::Json | Output::Jsonl => {}
            Output::Text => printer.table(&for_scripts(&services, now))?,
            Output::Table => {
                printer.table(&self.for_people(&services, now))?;
                if let (Some(_), [only]) = (&self.service, services.as_slice()) {
                    let changes = changes(only, now);
                    if !changes.is_empty() {
                        printer.text("\n")?;
                        printer.table(&changes)?;
                    }
                }
            }
        }
        self.outcome(&services)
    }

    fn outcome(&self, services: &[ComparedService]) -> Result<(), Failure> {
        let differs = |service: &&ComparedService| {
            rows(std::slice::from_ref(service)).any(|row| row.compared.relation != Relation::Same)
        };
        let different = services.iter().filter(differs).count();
        if !self.exit_code || different == 0 {
            return Ok(());
        }
        let differ = if different == 1 { "1 service differs" } else { &format!("{different} services differ") };
        Err(Failure::new(Exit::ConditionNotMet, differ))
    }

    /// A row for each service; where regions disagree, for each region.
    fn for_people(&self, services: &[ComparedService], now: Timestamp) -> Table {
        let regions = services.iter().any(|service| !service.regions.is_empty());
        let notes = rows(services).any(|row| row.compared.note.is_some());
        let mut table = Table::new(&[Column::of("SERVICE"), Column::of("RELATION")]);
        if regions {
            table.add_column("REGION".to_owned());
        }
        for side in [&self.from, &self.to] {
            table.add_column(shown(&side.typed));
        }
        table.add_column("SINCE".to_owned());
        if notes {
            table.add_column("NOTE".to_owned());
        }
        for Row { service, region, compared, run } in rows(services) {
            let mut row = vec![Field::of(service), relation(compared)];
            if regions {
                row.push(Field::maybe(region));
            }
            row.extend(run.map(|(version, commit)| Field::maybe(label(version, commit).as_deref())));
            row.push(Field::time(compared.since.as_deref(), now));
            if notes {
                row.push(Field::maybe(compared.note.as_deref()));
            }
            table.add(row);
        }
        table
    }
}

/// The fields as the help lists them.
fn for_scripts(services: &[ComparedService], now: Timestamp) -> Table {
    let names = ["SERVICE", "REGION", "RELATION", "BY", "SINCE", "FROM", "TO", "NOTE"];
    let mut table = Table::new(&names.map(Column::of));
    for Row { service, region, compared, run } in rows(services) {
        let [from, to] = run.map(|(version, _)| Field::maybe(version));
        table.add(vec![
            Field::of(service),
            Field::maybe(region),
            Field::plain(compared.relation.as_str()),
            compared.by.map_or_else(Field::absent, |by| Field::plain(counted(by, compared.more))),
            Field::time(compared.since.as_deref(), now),
            from,
            to,
            Field::maybe(compared.note.as_deref()),
        ]);
    }
    table
}

/// What is compared of a service: all of it, or one of its regions.
struct Row<'c> {
    service: &'c str,
    region: Option<&'c str>,
    compared: &'c Compared,
    /// The version and the commit that run in each of the two.
    run: [(Option<&'c str>, Option<&'c str>); 2],
}

/// A row for each service; where regions disagree, for each region.
fn rows(services: &[ComparedService]) -> impl Iterator<Item = Row<'_>> {
    services.iter().flat_map(|ComparedService { service, compared, from, to, regions }| {
        let whole = Row { service, region: None, compared, run: [from, to].map(|cell| of_cell(cell.as_ref())) };
        let regions = regions.iter().map(move |of| {
            let run = [&of.from, &of.to].map(|thing| of_thing(thing.as_ref()));
            Row { service, region: Some(&of.region), compared: &of.compared, run }
        });
        Some(whole).filter(|_| regions.len() == 0).into_iter().chain(regions)
    })
}

fn of_cell(cell: Option<&LiveCell>) -> (Option<&str>, Option<&str>) {
    cell.map_or((None, None), |cell| (cell.version.as_deref(), cell.commit.as_deref()))
}

fn of_thing(thing: Option<&ComparedThing>) -> (Option<&str>, Option<&str>) {
    thing.map_or((None, None), |thing| (thing.version.as_deref(), thing.commit.as_deref()))
}

fn counted(by: usize, more: bool) -> String {
    format!("{by}{}", if more { "+" } else { "" })
}

fn relation(compared: &Compared) -> Field {
    let name = compared.relation.as_str();
    let text = compared.by.map_or_else(|| name.to_owned(), |by| format!("{name} by {}", counted(by, compared.more)));
    let tone = match compared.relation {
        Relation::Same => Tone::Good,
        Relation::Behind | Relation::Ahead | Relation::Missing | Relation::Extra => Tone::Notable,
        Relation::Unseen | Relation::Mixed => Tone::Bad,
    };
    Field::plain(text).toned(tone)
}

/// The deployments that stand in between, the newest first.
fn changes(service: &ComparedService, now: Timestamp) -> Table {
    let mut table = Table::new(&[
        Column::of("DEPLOYMENT"),
        Column::of("VERSION"),
        Column::optional("LANDED", 1),
        Column::optional("TRIGGERED BY", 2),
        Column::optional("LINK", 3),
    ]);
    for row in rows(std::slice::from_ref(service)) {
        for change in &row.compared.changes {
            let link = change.links.as_ref().and_then(|links| links.values().next());
            table.add(vec![
                Field::of(&change.deployment_id),
                Field::maybe(label(change.version.as_deref(), change.commit.as_deref()).as_deref()),
                Field::time(Some(&change.at), now),
                Field::maybe(change.actor.as_deref()),
                Field::maybe(link.map(String::as_str)),
            ]);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::Side;

    #[test]
    fn what_stands_behind_the_last_at_is_a_time_if_it_reads_as_one() {
        for (text, environment, has_time) in [
            ("staging", "staging", false),
            ("staging@2.weeks.ago", "staging", true),
            ("eu@home", "eu@home", false),
            ("eu@home@2026-03-01T12:00:00Z", "eu@home", true),
            ("@", "@", false),
        ] {
            let side = Side::read(text).unwrap();
            assert_eq!((side.environment.as_str(), side.as_of.is_some()), (environment, has_time), "{text}");
        }
    }
}
