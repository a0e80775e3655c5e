//! The output of a watch: redrawn lines on a terminal, or a line for each change.

use std::rc::Rc;
use std::time::Duration;

use ::api::Deployment;
use chrono::{DateTime, Local};

use super::changes::{Change, changes};
use super::description::{more, what};
use super::frame::frame;
use super::progress::Elapsed;
use super::screen::Screen;
use crate::api::{self, Answer};
use crate::failure::Failure;
use crate::moment;
use crate::output::{Output, Printer, note, shown};

/// The output of a watch.
pub(super) struct View<'a> {
    form: Form,
    printer: &'a Printer,
    /// The last answer that was shown.
    shown: Option<Rc<Answer<Deployment>>>,
    /// Whether the user was notified that there is no answer.
    troubled: bool,
}

enum Form {
    /// Redrawn lines.
    Picture(Screen),
    /// A line for each change, for people.
    Lines,
    /// A line for each change, for `--output text`.
    Text,
    /// The body of each changed answer.
    States,
    /// The body of the last answer.
    Body,
}

impl<'a> View<'a> {
    pub(super) fn of(printer: &'a Printer) -> Self {
        let form = match printer.output {
            Output::Table => Screen::open(&printer.look).map_or(Form::Lines, Form::Picture),
            Output::Text => Form::Text,
            Output::Jsonl => Form::States,
            Output::Json => Form::Body,
        };
        Self { form, printer, shown: None, troubled: false }
    }

    /// The time until the next update; absent when only an answer changes the output.
    pub(super) fn next_update(&self) -> Option<Duration> {
        match self.form {
            // The elapsed seconds are shown.
            Form::Picture(_) => Some(Duration::from_millis(1000 - api::now().millis().rem_euclid(1000).unsigned_abs())),
            _ => None,
        }
    }

    /// Shows the latest answer, and why there is no newer one.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(super) fn show(
        &mut self,
        latest: Option<&Rc<Answer<Deployment>>>,
        trouble: Option<&str>,
    ) -> Result<(), Failure> {
        if let (Form::Picture(screen), Some(latest)) = (&mut self.form, latest) {
            return Ok(screen.draw(|look, height| frame(&latest.value, trouble, look, height))?);
        }
        self.notify(trouble);
        let Some(latest) = latest.filter(|latest| self.shown.as_ref().is_none_or(|shown| !Rc::ptr_eq(shown, latest)))
        else {
            return Ok(());
        };
        let before = self.shown.replace(Rc::clone(latest));
        let new = || changes(before.as_ref().map(|before| &before.value), &latest.value);
        match &self.form {
            Form::Lines => {
                let mut lines = if before.is_none() { heading(&latest.value) } else { String::new() };
                lines.extend(new().iter().map(|change| line(change, &latest.value)));
                self.printer.text(&lines)
            }
            Form::Text => self.printer.text(&new().iter().map(|change| row(change, &latest.value)).collect::<String>()),
            Form::States => self.printer.line(&latest.body),
            Form::Picture(_) | Form::Body => Ok(()),
        }
    }

    /// Prints once that there is no answer, and once that there is one again.
    fn notify(&mut self, trouble: Option<&str>) {
        match trouble {
            Some(trouble) if !self.troubled => note(&format!("deployment-status: {}", shown(trouble))),
            None if self.troubled => note("deployment-status: the server answers again"),
            _ => {}
        }
        self.troubled = trouble.is_some();
    }

    /// Prints the last answer, for `--output json`.
    ///
    /// # Errors
    /// When stdout can't be written.
    pub(super) fn close(&self, latest: Option<&Answer<Deployment>>) -> Result<(), Failure> {
        match (&self.form, latest) {
            (Form::Body, Some(answer)) => self.printer.json(&answer.body),
            _ => Ok(()),
        }
    }
}

/// The first line, with the date and the time zone of the times in the lines after it.
fn heading(deployment: &Deployment) -> String {
    let created = shown(&moment::absolute(&deployment.created_at));
    format!("{}: {}, created {created}\n", shown(&deployment.deployment_id), what(deployment))
}

/// A change for people: `12:00:41 DEPLOYMENT in progress`, `12:03:40 completed after 3m 40s`.
fn line(change: &Change, deployment: &Deployment) -> String {
    let time = DateTime::parse_from_rfc3339(change.at)
        .map_or(shown(change.at), |time| time.with_timezone(&Local).format("%H:%M:%S").to_string());
    // Only a finished deployment or stage has a duration.
    let status =
        |seconds: Option<f64>| Elapsed(seconds.filter(|_| change.status.is_terminal())).of_status(change.status);
    if let Some(stage) = change.stage {
        let error = stage.error.as_ref().map_or(String::new(), |error| format!(": {}", shown(&error.in_words())));
        format!("{time} {} {}{error}\n", shown(&stage.stage), status(stage.duration_seconds))
    } else {
        format!("{time} {}{}\n", status(deployment.duration_seconds), more(deployment))
    }
}

/// A change for `--output text`: time, `deployment` or `stage`, its name, its status.
fn row(change: &Change, deployment: &Deployment) -> String {
    let (kind, name) = match change.stage {
        Some(stage) => ("stage", &stage.stage),
        None => ("deployment", &deployment.deployment_id),
    };
    format!("{}\t{kind}\t{}\t{}\n", shown(change.at), shown(name), change.status)
}
