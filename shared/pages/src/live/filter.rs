//! Which services the matrix shows, and which environment where there is room for one.

use api::LiveCell;
use domain::FieldError;
use maud::{Markup, html};

use super::{Matrix, cell};
use crate::asked::Asked;

/// What the address asks to see.
pub(super) struct Filter {
    service: Option<String>,
    only: Option<Only>,
    environment: Option<String>,
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
        Ok(Self { service: text("filter"), only, environment: text("environment") })
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
        asked.here(&[("filter", None), ("only", None)])
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
