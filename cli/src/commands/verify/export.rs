//! An export proven by anchors, without the API: whoever has both needs nobody else.

use std::fs;
use std::io;
use std::path::Path;

use domain::anchors::{Series, Wrong};
use domain::export::Export;
use serde_json::json;

use super::key::PublicKeys;
use crate::commands::Context;
use crate::failure::{Exit, Failure};
use crate::output::{Output, shown};

/// Verifies an export by the anchors in a folder, and these by the key in a file, and prints the result.
///
/// # Errors
/// When anything is wrong (exit code 5), or a file can't be read.
pub(super) fn verify(context: &Context, file: &Path, anchors: &Path, key: Option<&Path>) -> Result<(), Failure> {
    let unreadable = |path: &Path, error: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format!("{}: {error}", shown(&path.display().to_string())))
    };
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    let export = Export::read(&text).map_err(|error| unreadable(file, &error))?;
    let (series, mut wrong) = Series::read(files(anchors).map_err(|error| unreadable(anchors, &error))?);
    if series.anchors().is_empty() && wrong.is_empty() {
        return Err(unreadable(anchors, &"there is no anchor in this folder, so nothing is proven"));
    }
    if let Some(key) = key {
        let text = fs::read_to_string(key).map_err(|error| unreadable(key, &error))?;
        let keys: PublicKeys = text.parse().map_err(|wrong: &str| unreadable(key, &wrong))?;
        wrong.extend(series.unsigned(|text, signature| keys.signed(text, signature)));
    }
    wrong.extend(export.verify(&series));
    wrong.sort();
    let (chains, events, anchored) = (export.chains(), export.events(), series.anchors().len());
    let first = wrong.first().map(|wrong| wrong.day.clone());
    let printer = &context.printer;
    match printer.output {
        Output::Json | Output::Jsonl => {
            let said = |Wrong { day, what }: &Wrong| json!({"day": day, "what": what});
            let problems: Vec<_> = wrong.iter().map(said).collect();
            let answer = json!({
                "intact": wrong.is_empty(), "chains": chains, "events": events, "anchors": anchored,
                "firstWrongDay": first, "problems": problems,
            });
            printer.line(&answer.to_string())?;
        }
        Output::Text | Output::Table => {
            let word = if wrong.is_empty() { "intact" } else { "broken" };
            printer.text(&format!("{word}: {events} events of {chains} chains, by {anchored} anchors"))?;
        }
    }
    let Some(first) = first else { return Ok(()) };
    let failure = Failure::new(Exit::ConditionNotMet, format!("the export is not what was recorded, since {first}"));
    Err(wrong.iter().fold(failure, |failure, Wrong { day, what }| failure.advise(shown(&format!("{day}: {what}")))))
}

/// The files of anchors in a folder, each with its name.
fn files(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, String::from_utf8_lossy(&fs::read(&path)?).into_owned()));
        }
    }
    files.sort();
    Ok(files)
}
