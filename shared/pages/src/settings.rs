//! The settings as they are: the path with its gates, other names, freezes, permissions, and the document itself.

use api::{SettingsVersion, StoredSettings};
use domain::fields::Unknown;
use domain::settings::{EnvironmentSettings, Freeze, GateSettings, Permissions, ServiceSettings};
use domain::{FieldError, Settings};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::symbol::Symbol;
use crate::{Page, words};

/// A version of the settings, and the newest versions that there are.
#[must_use]
pub fn page(asked: &Asked, stored: &StoredSettings, versions: &[SettingsVersion]) -> Page {
    let as_of = asked.parameter("asOf").map(|at| format!(" --as-of={at}")).unwrap_or_default();
    let read = Settings::read(stored.settings.clone(), Unknown::Ignored);
    let then = if asked.is_past() { " then" } else { "" };
    Page {
        title: match stored.version {
            0 => format!("No settings were in force{then}: the defaults hold"),
            number => format!("Settings, version {number}"),
        },
        rest: html! {
            @if let (Some(at), Some(by)) = (&stored.recorded_at, &stored.recorded_by) {
                "Applied by " (by) " on " (words::moment(at)) ". "
            }
            "They hold for the whole installation. They never have a secret in them."
        },
        json: asked.link("/v1/settings", &[]),
        command: format!("deployment-status settings show{as_of}"),
        content: html! {
            @match &read {
                Ok(settings) => (told(asked, settings)),
                Err(errors) => (unreadable(errors)),
            }
            (document(stored))
            (history(asked, stored, versions))
        },
    }
}

fn told(asked: &Asked, settings: &Settings) -> Markup {
    html! {
        (environments(&settings.environments))
        (freezes(asked, &settings.freezes))
        (permissions(&settings.permissions))
        (services(&settings.services))
        (bounds(settings))
    }
}

fn unreadable(errors: &[FieldError]) -> Markup {
    html! {
        section class="card" {
            h2 { "This version can't be read" }
            ul class="faults" { @for error in errors { li { strong { (error.field) } ": " (error.detail) } } }
        }
    }
}

fn environments(environments: &[EnvironmentSettings]) -> Markup {
    html! {
        section class="card scrolls" role="region" aria-label="The promotion path" tabindex="0" {
            h2 { "The promotion path " span class="small" { (environments.len()) } }
            @if environments.is_empty() { p { "No environments are listed: the path is that of usual names." } }
            @else {
                table class="plain" {
                    thead { tr { th scope="col" { "Environment" } th scope="col" { "Also called" } th scope="col" { "Gate" } th scope="col" class="number" { "Stale after" } } }
                    tbody { @for one in environments { tr {
                        th scope="row" { (one.name) @if one.production { " " span class="small" { "production" } } }
                        td { @if one.aliases.is_empty() { "–" } @else { (names(&one.aliases)) } }
                        td { (gate(&one.gate)) }
                        td class="number" { @if let Some(days) = one.stale_after_days { (words::count(usize::try_from(days).unwrap_or_default(), "day")) } @else { "never" } }
                    } } }
                }
            }
        }
    }
}

/// What a gate asks, as a list.
fn gate(gate: &GateSettings) -> Markup {
    let soak = |minutes: u32| words::duration(f64::from(minutes) * 60.0);
    let asks = [
        gate.proven_in.as_ref().map(|name| format!("proven in {name}")),
        gate.soak_minutes.map(|minutes| format!("for {} or longer", soak(minutes))),
        gate.not_bad.then(|| "not bad".to_owned()),
        gate.nothing_active.then(|| "nothing else active".to_owned()),
        gate.release_complete.then(|| "its releases complete in the environment before".to_owned()),
        gate.freeze.then(|| "no freeze".to_owned()),
    ];
    let asks: Vec<String> = asks.into_iter().flatten().collect();
    html! { @if asks.is_empty() { "asks nothing" } @else { ul class="plainly" { @for one in asks { li { (one) } } } } }
}

fn names<T: std::fmt::Display>(names: &[T]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn everywhere<T: std::fmt::Display>(listed: &[T], all: &str) -> String {
    if listed.is_empty() { all.to_owned() } else { names(listed) }
}

fn freezes(asked: &Asked, freezes: &[Freeze]) -> Markup {
    let at = asked.at();
    html! {
        section class="card scrolls" role="region" aria-label="Freezes" tabindex="0" {
            h2 { "Freezes " span class="small" { (freezes.len()) } }
            @if freezes.is_empty() { p { "There are none." } }
            @else {
                table class="plain" {
                    thead { tr { th scope="col" { "Freeze" } th scope="col" { "State" } th scope="col" { "Where" } th scope="col" { "From" } th scope="col" { "To" } th scope="col" { "Not for" } } }
                    tbody { @for freeze in freezes { tr {
                        th scope="row" { (freeze.name) }
                        td {
                            @if at < freeze.from { "to come" }
                            @else if at < freeze.to { (Symbol::Frozen.with(&html! { "holds" })) }
                            @else { "over" }
                        }
                        td { (everywhere(&freeze.environments, "everywhere")) }
                        td { (words::moment(&freeze.from.to_string())) }
                        td { (words::moment(&freeze.to.to_string())) }
                        td { @if freeze.except.is_empty() { "–" } @else { (names(&freeze.except)) } }
                    } } }
                }
            }
        }
    }
}

fn permissions(permissions: &Permissions) -> Markup {
    html! {
        section class="card scrolls" role="region" aria-label="Who may do what" tabindex="0" {
            h2 { "Who may do what" }
            @if let Some(finding) = permissions.finding() { p { (finding) "." } }
            @if permissions.are_listed && permissions.list.is_empty() { p { "Nobody: the permissions that are listed give nothing." } }
            @if !permissions.list.is_empty() {
                table class="plain" {
                    thead { tr { @for name in ["Who", "May", "Environments", "Services", "Doors"] { th scope="col" { (name) } } } }
                    tbody { @for one in &permissions.list { tr {
                        th scope="row" { (one.who) }
                        td { (one.may.iter().map(|right| right.word()).collect::<Vec<_>>().join(", ")) }
                        td { (everywhere(&one.environments, "all")) }
                        td { (everywhere(&one.services, "all")) }
                        td { (everywhere(&one.doors, "all")) }
                    } } }
                }
            }
        }
    }
}

fn services(services: &[ServiceSettings]) -> Markup {
    let also_called: Vec<&ServiceSettings> = services.iter().filter(|one| !one.aliases.is_empty()).collect();
    html! {
        @if !also_called.is_empty() {
            section class="card scrolls" role="region" aria-label="Other names of services" tabindex="0" {
                h2 { "Other names of services" }
                table class="plain" {
                    thead { tr { th scope="col" { "Service" } th scope="col" { "Also called" } } }
                    tbody { @for one in also_called { tr { th scope="row" { (one.name) } td { (names(&one.aliases)) } } } }
                }
            }
        }
    }
}

fn bounds(settings: &Settings) -> Markup {
    let days = |number: u32| words::count(usize::try_from(number).unwrap_or_default(), "day");
    let ephemeral = if settings.ephemeral.is_empty() { "none".to_owned() } else { names(&settings.ephemeral) };
    let services = match settings.metrics_by_service.as_slice() {
        [] => "none: those of their environment count".to_owned(),
        patterns => names(patterns),
    };
    let rows = [
        ("Environments that come and go", ephemeral),
        ("Lagging", format!("beyond {} deployments or {}", settings.lagging.deployments, days(settings.lagging.days))),
        ("Abandoned", format!("after {} without news", days(settings.abandon_after_days))),
        ("Metrics of single services", services),
        (
            "Metrics",
            format!(
                "of {} sets of dimensions at once, {} of them new on a day",
                settings.metric_sets, settings.metrics_per_day
            ),
        ),
    ];
    html! {
        section class="card" {
            h2 { "Bounds" }
            table class="plain" { tbody { @for (name, value) in rows { tr { th scope="row" { (name) } td { (value) } } } } }
        }
    }
}

fn document(stored: &StoredSettings) -> Markup {
    let count = |name: &str| stored.settings.get(name).and_then(|all| all.as_array()).map_or(0, Vec::len);
    // Keys of JSON are texts: it can be written.
    let text = serde_json::to_string_pretty(&stored.settings).unwrap_or_default();
    html! {
        section class="card" {
            h2 { "The document" }
            p { (words::count(count("rules"), "rule")) " for events of other tools, and " (words::count(count("sources"), "custom source")) "." }
            details {
                summary { "All of it, as it was applied" }
                pre class="sent" tabindex="0" { (text) }
            }
        }
    }
}

fn history(asked: &Asked, stored: &StoredSettings, versions: &[SettingsVersion]) -> Markup {
    html! {
        @if !versions.is_empty() {
            section class="card scrolls" role="region" aria-label="Newest versions" tabindex="0" {
                h2 { "Newest versions " a class="small" href="/v1/settings/versions" { "All, as JSON" } }
                table class="plain" {
                    thead { tr { th scope="col" { "Version" } th scope="col" { "Applied" } th scope="col" { "By" } th scope="col" { "Hash" } } }
                    tbody { @for one in versions { tr {
                        td {
                            a href=(asked.at_times(Some(&one.recorded_at), None)) { (one.version) }
                            @if one.version == stored.version { " " span class="small" { "shown here" } }
                        }
                        td { (words::moment(&one.recorded_at)) }
                        td { (one.recorded_by) }
                        td { code { (one.hash.chars().take(12).collect::<String>()) } }
                    } } }
                }
            }
        }
    }
}
