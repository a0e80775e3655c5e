//! The freezes that hold, and those to come.

use domain::settings::Freeze;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::words;

/// What a freeze holds for.
fn place(freeze: &Freeze) -> String {
    let environments: Vec<String> = freeze.environments.iter().map(ToString::to_string).collect();
    if environments.is_empty() { "everywhere".to_owned() } else { environments.join(", ") }
}

/// What holds, as sentences.
pub(super) fn sentence(asked: &Asked, freezes: &[Freeze]) -> Markup {
    let at = asked.at();
    let holding = freezes.iter().filter(|freeze| freeze.from <= at && at < freeze.to);
    html! { @for freeze in holding { "Frozen by " (freeze.name) ": " (place(freeze)) ". " } }
}

pub(super) fn card(asked: &Asked, freezes: &[Freeze]) -> Markup {
    let at = asked.at();
    let mut to_tell: Vec<&Freeze> = freezes.iter().filter(|freeze| at < freeze.to).collect();
    to_tell.sort_by_key(|freeze| freeze.from);
    let holding = to_tell.iter().filter(|freeze| freeze.from <= at).count();
    html! {
        @if !to_tell.is_empty() {
            section class="card" {
                h2 { "Freezes " span class="small" { (holding) @if holding == 1 { " holds, " } @else { " hold, " }  (to_tell.len() - holding) " to come" } " " a class="small" href=(asked.link("/settings", &[])) { "Settings" } }
                ul class="rows" {
                    @for freeze in to_tell {
                        li {
                            (Symbol::Frozen.drawn())
                            span { strong { (freeze.name) } " " (place(freeze)) }
                            @if !freeze.except.is_empty() { span class="small" { "not for " (freeze.except.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")) } }
                            span class="small when" {
                                @if freeze.from <= at { "holds until " (words::moment(&freeze.to.to_string())) }
                                @else { "from " (words::moment(&freeze.from.to_string())) " to " (words::moment(&freeze.to.to_string())) }
                            }
                        }
                    }
                }
            }
        }
    }
}
