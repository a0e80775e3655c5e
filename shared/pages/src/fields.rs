//! The fields by which a list is narrowed, and the way to its next page.

use maud::{Markup, html};

use crate::asked::{Asked, TIMES};
use crate::words;

/// A field: the parameter that it sets, what it is called, and what it takes.
pub(crate) enum Field<'f> {
    /// A text.
    Text(&'f str, &'f str),
    /// A time, in UTC.
    Time(&'f str, &'f str),
    /// One of these, each with what it is called; or any.
    Choice(&'f str, &'f str, &'f [(&'f str, &'f str)]),
}

/// A form of these fields, which asks for this page with what they say. The times stay as they are.
pub(crate) fn form(asked: &Asked, path: &str, fields: &[Field<'_>]) -> Markup {
    let time = |name: &str| domain::Timestamp::parse(asked.parameter(name)?).ok().map(words::for_field);
    html! {
        form class="filters" method="get" action=(path) role="search" {
            @for field in fields {
                @match field {
                    Field::Text(name, called) => label { (called) " " input name=(name) value=[asked.parameter(name)]; },
                    Field::Time(name, called) => label {
                        (called) " " input name=(name) type="datetime-local" step="60" value=[time(name)]; " UTC"
                    },
                    Field::Choice(name, called, values) => label { (called) " "
                        select name=(name) {
                            option value="" { "any" }
                            @for (value, word) in *values {
                                option value=(value) selected[asked.parameter(name) == Some(*value)] { (word) }
                            }
                        }
                    },
                }
            }
            @for name in TIMES {
                @if let Some(value) = asked.parameter(name) { input type="hidden" name=(name) value=(value); }
            }
            button type="submit" { "Show" }
        }
    }
}

/// The way to the next page of a list, where there is one.
pub(crate) fn next(asked: &Asked, cursor: Option<&str>, called: &str) -> Markup {
    html! { @if let Some(cursor) = cursor { p { a href=(asked.here(&[("cursor", Some(cursor))])) { (called) } } } }
}

/// The parameters of this page that the API takes too, as they are sent to it.
pub(crate) fn of_api<'a>(asked: &'a Asked, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let asked = asked.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    asked.chain(more.iter().copied()).collect()
}

/// Parameters as flags of the command line: ` --as-of=…`. With `=`, a name that begins with a dash is a name all the
/// same.
pub(crate) fn flags(asked: &Asked, flags: &[(&str, &str)]) -> String {
    let given = flags
        .iter()
        .filter_map(|(name, flag)| Some(format!(" --{flag}={}", crate::address::quoted(asked.parameter(name)?))));
    given.collect()
}
