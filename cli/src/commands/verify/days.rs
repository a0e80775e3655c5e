//! Everything that was recorded since a day, as the server verifies it: each chain, its summary, and what follows from
//! it in the state.

use api::{Page, VerifiedChain};
use domain::Timestamp;
use serde_json::json;

use crate::api::{next_page, now};
use crate::commands::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Output, Progress, shown};

/// How many days are verified where none is named.
const DAYS: i64 = 7;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Verifies what was recorded since a time, and prints the result.
///
/// # Errors
/// When anything is wrong (exit code 5), or the API does not answer.
pub(super) fn verify(context: &Context, since: Option<Timestamp>) -> Result<(), Failure> {
    let api = context.api()?;
    let until = now();
    let since = since.unwrap_or_else(|| until.plus_millis(-(DAYS - 1) * DAY_MILLIS));
    let (mut chains, mut days, mut wrong) = (0_usize, 0_usize, Vec::new());
    let mut progress = Progress::new();
    for day in since.days_to(until) {
        days += 1;
        progress.draw(&day);
        let mut cursor: Option<String> = None;
        loop {
            let query = [("day", Some(day.as_str())), ("limit", Some("100")), ("cursor", cursor.as_deref())];
            let page: Page<VerifiedChain> = api.get("/v1/verify", &query)?.value;
            chains += page.items.len();
            let broken = page.items.into_iter().filter(|chain| !chain.intact);
            wrong.extend(broken.map(|chain| (day.clone(), chain)));
            if !next_page(&mut cursor, page.next_cursor)? {
                break;
            }
        }
    }
    progress.erase();
    let printer = &context.printer;
    match printer.output {
        Output::Json | Output::Jsonl => {
            let said = |(day, chain): &(String, VerifiedChain)| json!({"day": day, "subject": chain.subject, "problems": chain.problems});
            let broken: Vec<_> = wrong.iter().map(said).collect();
            let answer = json!({"intact": wrong.is_empty(), "days": days, "chains": chains, "broken": broken});
            printer.line(&answer.to_string())?;
        }
        Output::Text | Output::Table => {
            let word = if wrong.is_empty() { "intact" } else { "broken" };
            printer.text(&format!("{word}: {chains} chains of {days} days"))?;
        }
    }
    let Some((first, _)) = wrong.first() else { return Ok(()) };
    let failure = Failure::new(Exit::ConditionNotMet, format!("what was recorded is not intact, since {first}"));
    let problems = wrong.iter().flat_map(|(day, chain)| {
        chain.problems.iter().map(move |problem| shown(&format!("{day}: {}: {problem}", chain.subject)))
    });
    Err(problems.fold(failure, Failure::advise))
}
