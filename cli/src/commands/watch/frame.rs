//! The redrawn output for an active deployment, line by line.

use api::{Deployment, Stage};
use crossterm::style::Stylize as _;
use domain::Status;

use super::super::status::failed_in;
use super::attempt::current;
use super::description::{late, more, what};
use super::progress::{Elapsed, against_expected};
use super::screen::Line;
use crate::moment;
use crate::output::{Column, Field, Look, Table, Tone, columns, cut, shown, symbol, tone};

/// The lines for a deployment on a terminal of this width, at most `height` of them.
pub(super) fn frame(deployment: &Deployment, trouble: Option<&str>, look: &Look, height: usize) -> Vec<Line> {
    let d = deployment;
    let elapsed = Elapsed::of(d, look.now);
    let id = fitting(&shown(&d.deployment_id), None, look);
    let id = if look.color { Line { text: id.text.bold().to_string(), ..id } } else { id };
    let symbol = if look.symbols { format!("{} ", symbol(d.status)) } else { String::new() };
    let status = format!("{symbol}{}{}{}", elapsed.of_status(d.status), more(d), late(d));
    let status_tone = if late(d).is_empty() { tone(d.status) } else { Tone::Notable };
    // When there is no room, the line with the highest rank is left out first.
    let mut lines = vec![(1, id), (5, fitting(&what(d), None, look)), (0, fitting(&status, Some(status_tone), look))];
    let expected = d.expected().map(|expected| expected.seconds).filter(|seconds| *seconds > 0.0);
    if let Some((elapsed, expected)) = elapsed.0.zip(expected).filter(|_| !d.status.is_terminal()) {
        let (text, tone) = against_expected(elapsed, expected, look);
        lines.push((4, fitting(&text, tone, look)));
    }
    if let Some(failed) = d.failed_stage.as_ref().filter(|failed| failed.error.is_some()) {
        lines.push((2, fitting(&shown(&failed_in(failed)), Some(tone(Status::Failed)), look)));
    }
    if let Some(trouble) = trouble {
        lines.push((3, fitting(&shown(trouble), Some(Tone::Notable), look)));
    }
    let stages: Vec<&Stage> = current(d).collect();
    if !stages.is_empty() {
        lines.push((usize::MAX, fitting("", None, look)));
        let mut table = table(&stages, d.status.is_terminal(), look).into_iter();
        lines.extend(table.next().map(|header| (usize::MAX - 1, header)));
        // Active stages are the most important, then the latest.
        let rank = |at: usize| if stages[at].status.is_terminal() { 5 + stages.len() - at } else { 2 };
        lines.extend(table.enumerate().map(|(at, line)| (rank(at), line)));
    }
    while lines.len() > height {
        let Some(least) = (0..lines.len()).rev().max_by_key(|at| lines[*at].0) else { break };
        lines.remove(least);
    }
    lines.into_iter().map(|(_, line)| line).collect()
}

/// A line, cut to the width.
fn fitting(text: &str, tone: Option<Tone>, look: &Look) -> Line {
    let text = look.width.map_or_else(|| text.to_owned(), |width| cut(text, width, look));
    let columns = columns(&text);
    Line { text: tone.map_or(text.clone(), |tone| tone.paint(&text, look)), columns }
}

/// A header, and a line for each stage. The duration of a stage is not known if it has not finished, but its
/// deployment has.
fn table(stages: &[&Stage], finished: bool, look: &Look) -> Vec<Line> {
    let mut table = Table::new(&[Column::of("STAGE"), Column::of("STATUS"), Column::optional("TIME", 1).right()]);
    for stage in stages {
        let took = match Elapsed::of_stage(stage, look.now) {
            Elapsed(Some(seconds)) if stage.status.is_terminal() || !finished => {
                Field::plain(moment::duration(seconds))
            }
            _ => Field::absent(),
        };
        table.add(vec![Field::of(&stage.stage), Field::status(stage.status), took]);
    }
    // The table's library counts colour codes as columns, so widths are measured without colour.
    let plain = table.render(&Look { color: false, ..*look });
    let painted = table.render(look);
    let lines = plain.lines().zip(painted.lines()).map(|(plain, painted)| {
        let columns = columns(plain);
        // A terminal can be narrower than the narrowest table.
        let fits = look.width.is_none_or(|width| columns <= usize::from(width));
        if fits { Line { text: painted.to_owned(), columns } } else { fitting(plain, None, look) }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Timestamp;
    use serde_json::{Value, json};

    fn deployment(stages: usize) -> Deployment {
        let stage = |n: usize| {
            let (status, took) = if n == 1 { ("IN_PROGRESS", None) } else { ("COMPLETED", Some(61.0)) };
            json!({"stage": format!("配備 {n}"), "attempt": 1, "status": status, "durationSeconds": took,
                   "startedAt": "2025-03-01T12:01:00Z"})
        };
        let stages: Vec<Value> = (0..stages).map(stage).collect();
        let deployment = json!({
            "deploymentId": "checkout-production-2.8.1", "service": "checkout", "environment": "production",
            "version": "2.8.1", "status": "IN_PROGRESS", "attempt": 1, "createdAt": "2025-03-01T12:00:00Z", "startedAt": "2025-03-01T12:00:00Z",
            "updatedAt": "2025-03-01T12:00:00Z", "links": {}, "stages": stages, "eventCount": 1, "flags": [],
            "expected": {"seconds": 240.0, "p95": 300.0, "from": 8, "of": "place"},
        });
        serde_json::from_value(deployment).unwrap()
    }

    fn look(width: u16) -> Look {
        let now = Timestamp::parse("2025-03-01T12:02:00Z").unwrap();
        Look { terminal: true, width: Some(width), color: false, symbols: true, now }
    }

    fn drawn(width: u16, height: usize) -> String {
        let lines = frame(&deployment(4), Some("no answer"), &look(width), height);
        let lines: Vec<String> = lines.into_iter().map(|line| line.text).collect();
        lines.join("\n")
    }

    #[test]
    fn it_shows_as_many_lines_as_fit() {
        let all = "checkout-production-2.8.1\n\
                   checkout 2.8.1 to production\n\
                   ● in progress for 2m\n\
                   ███████████████░░░░░░░░░░░░░░░  50 %, expected about 4m\n\
                   no answer\n\
                   \n\
                   STAGE   STATUS          TIME\n\
                   配備 0  ✓ completed    1m 1s\n\
                   配備 1  ● in progress     1m\n\
                   配備 2  ✓ completed    1m 1s\n\
                   配備 3  ✓ completed    1m 1s";
        assert_eq!(drawn(60, 11), all);
        assert_eq!(
            drawn(24, 6),
            "checkout-production-2.8…\ncheckout 2.8.1 to produ…\n● in progress for 2m\n50 %, expected about 4m\n\
             no answer\n配備 1  ● in progress"
        );
        assert_eq!(drawn(24, 3), "checkout-production-2.8…\n● in progress for 2m\n配備 1  ● in progress");
        assert_eq!(drawn(24, 1), "● in progress for 2m");
    }

    #[test]
    fn it_fits_terminals_of_any_size() {
        for (width, height) in (1..50).flat_map(|width| (1..14).map(move |height| (width, height))) {
            for color in [false, true] {
                let look = Look { color, ..look(width) };
                let lines = frame(&deployment(6), Some("no answer"), &look, height);
                assert!(lines.len() <= height);
                for line in lines {
                    assert!(line.columns <= width.into(), "{width}: {line:?}");
                    assert!(color || line.columns == columns(&line.text), "{width}: {line:?}");
                }
            }
        }
    }
}
