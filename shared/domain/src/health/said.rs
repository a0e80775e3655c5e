//! What people said: that a version is bad, that it is cleared of something, and that an incident began.

use crate::identifiers::{DeploymentId, Environment, Service};
use crate::ledger::mark::Mark;
use crate::ledger::summary::Summary;
use crate::live::thing::Thing;
use crate::questions::verdicts::{Against, Verdicts};
use crate::settings::Names;

use super::piece::{Piece, Rule, Says, Scope};

/// The marks that call a version bad in an environment.
#[must_use]
pub fn marked(verdicts: &Verdicts<'_>, service: &Service, environment: &Environment) -> Vec<Piece> {
    let history = DeploymentId::of_verdicts(service);
    let certain = verdicts.bad_in(environment).filter(|mark| verdicts.is_certain(mark));
    certain
        .map(|mark: &Mark| Piece {
            moment: mark.moment,
            rule: Rule::Marked,
            says: Says::Bad,
            scope: Scope::AnyTime,
            figure: None,
            history: history.clone(),
            key: mark.key.as_str().to_owned(),
            by: Some(mark.by.clone()),
            reason: Some(mark.reason.as_str().to_owned()),
        })
        .collect()
}

/// Without what was against the thing in an environment and was cleared since.
#[must_use]
pub fn not_cleared(
    pieces: Vec<Piece>,
    verdicts: &Verdicts<'_>,
    thing: &Thing,
    environment: &Environment,
) -> Vec<Piece> {
    let stands = |piece: &Piece| {
        let against = Against { thing, environment: Some(environment), moment: piece.moment };
        // Whether a mark is cleared depends on what it says, and was asked of itself.
        piece.says == Says::Good || piece.rule == Rule::Marked || verdicts.cleared(against).is_none()
    };
    pieces.into_iter().filter(stands).collect()
}

/// What an incident says of a deployment that ran in its place: it is suspected, unless the incident names another
/// deployment's version.
#[must_use]
pub fn incident(
    incident: &Summary,
    (service, environment): (&Service, &Environment),
    names: &Names,
    thing: &Thing,
) -> Option<Piece> {
    let (of, at) = (incident.service(), incident.environment());
    let is_here = names.services.resolve(&of) == service && names.environments.resolve(&at) == environment;
    let suspected = Thing::of(incident);
    (is_here && (!suspected.is_known() || suspected.is_same(thing))).then(|| Piece {
        moment: incident.created_at().into(),
        rule: Rule::Incident,
        says: Says::Suspect,
        scope: Scope::Suspected,
        figure: None,
        history: incident.deployment_id.clone(),
        key: String::new(),
        by: None,
        reason: incident.latest.notes().map(|notes| crate::one_line(notes, 200)),
    })
}
