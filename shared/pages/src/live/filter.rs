//! Which services the matrix shows, and which environment where there is room for one.

use std::collections::BTreeSet;

use api::LiveCell;
use domain::FieldError;
use maud::{Markup, html};
use percent_encoding::percent_decode_str;

use super::groups::Grouping;
use super::{Matrix, cell};
use crate::address;
use crate::asked::Asked;

/// What the address asks to see.
pub(super) struct Filter {
    service: Option<String>,
    only: Option<Only>,
    environment: Option<String>,
    hidden: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Only {
    Differs,
    Wrong,
}

impl Filter {
    pub(super) fn of(asked: &Asked) -> Result<Self, FieldError> {
        let only = match asked.parameter("only") {
            None => None,
            Some("differs") => Some(Only::Differs),
            Some("wrong") => Some(Only::Wrong),
            Some(_) => return Err(FieldError::new("only", "must be differs or wrong")),
        };
        let text = |name| asked.parameter(name).map(str::to_owned);
        let hidden = asked.parameter("hide").into_iter().flat_map(|names| names.split(','));
        let hidden = hidden.map(|name| percent_decode_str(name).decode_utf8_lossy().into_owned()).collect();
        Ok(Self { service: text("filter"), only, environment: text("environment"), hidden })
    }

    pub(super) fn shows<'c>(&self, service: &str, mut cells: impl Iterator<Item = &'c LiveCell>) -> bool {
        let named = self.service.as_ref().is_none_or(|part| service.to_lowercase().contains(&part.to_lowercase()));
        named
            && match self.only {
                None => true,
                Some(Only::Differs) => cells.any(cell::differs),
                Some(Only::Wrong) => cells.any(cell::is_wrong),
            }
    }

    /// Whether an environment is left out. What is not there is not hidden: an address means the same when it comes.
    pub(super) fn hides(&self, environment: &str) -> bool {
        self.hidden.contains(environment)
    }

    /// The environments to choose from, how services are grouped, and the way to the screen on a wall.
    pub(super) fn more(&self, asked: &Asked, matrix: &Matrix<'_>, grouping: Grouping) -> Markup {
        let toggled = |environment: &str| {
            let mut hidden = self.hidden.clone();
            if !hidden.remove(environment) {
                hidden.insert(environment.to_owned());
            }
            // A comma in a name is encoded once more.
            let hidden = hidden.iter().map(|name| address::part(name)).collect::<Vec<_>>().join(",");
            asked.here(&[("hide", (!hidden.is_empty()).then_some(hidden.as_str()))])
        };
        html! {
            div class="filters" {
                nav class="shown" aria-label="Environments shown" {
                    span class="small" { "Environments" }
                    @for environment in &matrix.environments {
                        @let on = !self.hides(environment);
                        a class="chip" href=(toggled(environment)) aria-current=[on.then_some("true")] {
                            @if on { span aria-hidden="true" { "✓ " } } (environment)
                            @if !on { span class="hidden" { ", hidden" } }
                        }
                    }
                }
                (grouping.choice(asked))
                @if !asked.is_past() { a class="count" href=(asked.here(&[("wall", Some("true"))])) { "Wall view" } }
            }
        }
    }

    /// The environment that is asked for, for a narrow screen.
    pub(super) fn environment<'m>(&self, matrix: &Matrix<'m>) -> Result<Option<&'m str>, FieldError> {
        let Some(asked) = &self.environment else { return Ok(None) };
        let found = matrix.environments.iter().find(|name| *name == asked);
        let wrong = || FieldError::new("environment", format!("must be one of {}", matrix.environments.join(", ")));
        found.copied().map(Some).ok_or_else(wrong)
    }

    pub(super) fn form(&self, asked: &Asked, matrix: &Matrix<'_>, wrong: usize, differing: usize) -> Markup {
        let chip = |name: &str, only: Only, value: &str, count: usize| {
            let on = self.only == Some(only);
            let address = asked.here(&[("only", (!on).then_some(value))]);
            html! {
                a class="chip" href=(address) aria-current=[on.then_some("true")] {
                    @if on { span aria-hidden="true" { "✓ " } } (name) " " span class="small" { (count) }
                }
            }
        };
        html! {
            div class="filters" {
                form method="get" action="/live" role="search" {
                    label class="hidden" for="filter" { "Filter services" }
                    input id="filter" name="filter" type="search" placeholder="Filter services" value=[self.service.as_deref()] data-filters;
                    @for (name, value) in asked.query.iter().filter(|(name, _)| name != "filter") {
                        input type="hidden" name=(name) value=(value);
                    }
                    button type="submit" class="hidden" { "Filter" }
                }
                (chip("Only what differs", Only::Differs, "differs", differing))
                (chip("Only what is wrong", Only::Wrong, "wrong", wrong))
                span class="small count" { (matrix.services.len()) " services" }
            }
        }
    }

    /// The matrix without a filter.
    pub(super) fn all(asked: &Asked) -> String {
        asked.here(&[("filter", None), ("only", None), ("hide", None)])
    }
}

/// The environments as links, for a narrow screen.
pub(super) fn tabs(asked: &Asked, matrix: &Matrix<'_>, chosen: Option<&str>) -> Markup {
    html! {
        nav class="tabs" aria-label="Environments" {
            @for environment in &matrix.environments {
                a href=(asked.here(&[("environment", Some(environment))])) aria-current=[(chosen == Some(environment)).then_some("true")] { (environment) }
            }
        }
    }
}
