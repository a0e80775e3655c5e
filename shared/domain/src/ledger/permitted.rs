//! Whether whoever sent an event may say it of the place that it is of.
//!
//! It is judged on what the event is of after rules and aliases, and on the deployment that it names: as it stood
//! before, as the event names it, and as it would stand after it. So nobody ends a deployment of a place that is not
//! theirs, moves one there, or takes one away from there.

use crate::event::{Event, Kind};
use crate::ledger::gated::Override;
use crate::ledger::received::Received;
use crate::ledger::summary::Summary;
use crate::settings::Right;
use crate::{Environment, Service};

/// A sender may not say this of this place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Forbidden {
    /// Who sent it.
    pub who: String,
    /// What is missing.
    pub right: Right,
    /// The place, as far as it is known.
    pub place: Known,
    /// Whether the sender has the right for other places.
    pub elsewhere: bool,
}

/// What is known of a place: its environment and its service.
pub type Known = (Option<Environment>, Option<Service>);

impl Forbidden {
    fn sentence(&self) -> String {
        let Self { who, right, place, elsewhere } = self;
        let (right, given) = (right.word(), if *elsewhere { "give it for other places only" } else { "don't give it" });
        let place = match place {
            (Some(environment), Some(service)) => format!(" for {service} in {environment}"),
            (Some(environment), None) => format!(" for {environment}"),
            (None, Some(service)) => format!(" for {service}, and no environment is named"),
            (None, None) => String::new(),
        };
        format!("{who:?} needs the permission `{right}`{place}; the permissions in the settings {given}")
    }
}

/// What right an event needs, that a person entered on a page or not.
#[must_use]
pub fn right_for(event: &Event, on_page: bool) -> Right {
    if Override::of(event).is_some() {
        return Right::Override;
    }
    let of_people = matches!(event.kind, Kind::Note | Kind::Verdict);
    if on_page || of_people { Right::Record } else { Right::Report }
}

/// The place that an event names, after rules and aliases.
#[must_use]
pub fn named(event: &Event) -> Known {
    known(event.named.environment.clone(), event.named.service.clone())
}

/// Whether whoever sent `received` may say it of a deployment that stood so `before`, and would stand so `after` it.
///
/// # Errors
/// [`Forbidden`] where it is, or would become, one of a place for which the sender has no right.
pub fn judge(before: Option<&Summary>, received: &Received, after: &Summary) -> Result<(), Box<Forbidden>> {
    let Some((right, grant)) = received.grant.as_deref() else { return Ok(()) };
    let of = |summary: &Summary| known(Some(summary.environment()), Some(summary.service()));
    if received.event.kind == Kind::Observation {
        // Of what deployment it is the sender says, and so it counts only where that is in the place that it names:
        // what others observed of it gives no right, and takes none.
        let own = named(&received.event);
        if grant.admits(own.0.as_ref(), own.1.as_ref()) {
            return Ok(());
        }
        let (who, elsewhere) = (received.producer.clone(), !grant.is_nothing());
        return Err(Box::new(Forbidden { who, right: *right, place: own, elsewhere }));
    }
    let (before, own, after) = (before.map(of).unwrap_or_default(), named(&received.event), of(after));
    let is_foreign = |(environment, service): &Known| !grant.may_admit(environment.as_ref(), service.as_ref());
    let wrong = [before, own].into_iter().find(is_foreign);
    let wrong = wrong.or_else(|| Some(after).filter(|place| !grant.admits(place.0.as_ref(), place.1.as_ref())));
    let Some(place) = wrong else { return Ok(()) };
    let (who, elsewhere) = (received.producer.clone(), !grant.is_nothing());
    Err(Box::new(Forbidden { who, right: *right, place, elsewhere }))
}

/// A place without what stands for no name.
fn known(environment: Option<Environment>, service: Option<Service>) -> Known {
    (environment.filter(|name| *name != Environment::unknown()), service.filter(|name| *name != Service::unknown()))
}
