//! What is under way, each with how far it is beside how long such a deployment usually takes.

use domain::{Status, label};
use maud::{Markup, html};

use super::UnderWay;
use crate::asked::Asked;
use crate::symbol::{self, Symbol};
use crate::{address, way, words};

pub(super) fn card(asked: &Asked, under_way: Option<&[UnderWay]>) -> Markup {
    let Some(under_way) = under_way else {
        return html! { section class="card" { h2 { "Under way" } p { "What was under way then is not kept." } } };
    };
    let is_drawn = under_way.iter().any(|one| one.usual_seconds.is_some());
    html! {
        section class="card" {
            h2 { "Under way " span class="small" { (under_way.len()) @if is_drawn { "; the black mark is the usual duration" } } }
            @if under_way.is_empty() { p { "Nothing." } }
            ul class="rows" { @for one in under_way { (row(asked, one)) } }
        }
    }
}

fn row(asked: &Asked, one: &UnderWay) -> Markup {
    let of = &one.deployment;
    let version = label(of.version.as_deref(), of.commit.as_deref()).unwrap_or_default();
    let symbol = if one.stuck { Symbol::Stalled } else { Symbol::from(of.status) };
    let since = of.started_at.as_ref().unwrap_or(&of.created_at);
    html! {
        li {
            (symbol.drawn())
            a href=(asked.link(&address::deployment(&of.deployment_id), &[])) { strong { (of.service) " " (version) } " to " (of.environment) }
            span class={ "said " (symbol.tone()) } { @if one.stuck { "stalled" } @else { (symbol::word(of.status)) } }
            @if of.status != Status::Pending { (bar(asked, one, &version, since)) }
            span class="small" {
                @if let Some(stage) = &of.stage { (stage) ", " }
                (words::ago(since, asked.now))
                @if one.stuck { ", nothing reported for " (words::ago(&of.updated_at, asked.now)) }
            }
            span class="small when" {
                @if let Some(usual) = one.usual_seconds { "usually " (words::duration(usual)) }
                @else { "usual duration not known" }
            }
        }
    }
}

fn bar(asked: &Asked, one: &UnderWay, version: &str, since: &str) -> Markup {
    let of = &one.deployment;
    let label = format!("{} {version} to {}: time passed beside the usual duration", of.service, of.environment);
    way::bar(asked.now, since, one.usual_seconds.unwrap_or_default(), one.stuck, &label)
}
