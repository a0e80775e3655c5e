//! From what a format read to what is done: a user's rules have the last word on the environment, the
//! service, the region, and whether it is a deployment at all.

use domain::event::{Kind, Name, Named};
use domain::identifiers::Identifier;
use domain::ledger::permitted::{Forbidden, named as named_place, right_for};
use domain::ledger::received::Received;
use domain::settings::{Grant, Names, Right, known_as};
use domain::{Environment, Event, FieldError, Region, Service, Timestamp};

use crate::contents::Element;
use crate::custom::{self, CustomSource};
use crate::fields::identifier;
use crate::ids::id_of_value;
use crate::origin::{Called, Origin};
use crate::reading::{ByItself, Ignored, Reading, Repeated, Report};
use crate::rejection::Rejection;
use crate::rules::{OncePer, Stages, Stated, Verdict};
use crate::settings::Settings;
use crate::sources::{self, SOURCES};

/// How a payload arrived: what counts where it says nothing of that itself.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// When it arrived.
    pub at: Timestamp,
    /// Who sent it, as it was authenticated.
    pub producer: &'a str,
    /// The groups that whoever sent it is in, as permissions name them.
    pub groups: &'a [String],
    /// The door that it came through, by its name; none of what is not recorded, which needs no permission.
    pub door: Option<&'a str>,
}

impl<'a> Arrival<'a> {
    /// The door of what people enter on pages.
    pub const PAGE: &'static str = "page";

    /// The arrival, at this time and through this door, of a payload that itself says who sent it.
    #[must_use]
    pub fn signed(at: Timestamp, door: &'a str) -> Self {
        Self { at, producer: "", groups: &[], door: Some(door) }
    }

    /// The arrival, at this time, of what is not recorded.
    #[must_use]
    pub fn tried(at: Timestamp) -> Self {
        Self { at, producer: "", groups: &[], door: None }
    }
}

/// What becomes of one event of a payload, and why.
#[derive(Debug)]
pub struct Judgement {
    /// What rules see of it; absent for our own events, which no rule touches, and for what says nothing
    /// about a deployment.
    pub origin: Option<Origin>,
    /// What the rules say of it.
    pub verdict: Verdict,
    /// What is done with it.
    pub decision: Decision,
}

/// What is done with an event.
#[derive(Debug)]
pub enum Decision {
    /// It is recorded.
    Record(Box<Received>),
    /// It is known, and nothing is recorded.
    Ignore(Ignored),
    /// It is wrong.
    Reject(Rejection),
}

impl Decision {
    /// Whether other settings could lead to another decision.
    #[must_use]
    pub fn depends_on_settings(&self) -> bool {
        !matches!(self, Self::Ignore(reason) if reason.is_of_the_payload_alone())
    }
}

/// Decides what is done with an event of a payload that arrived so. Of what is recorded it is noted where it would stand
/// by the settings that were in force before.
#[must_use]
pub fn judge(element: Element, settings: &Settings, arrival: Arrival<'_>) -> Judgement {
    // Nothing is recorded by them, so nobody needs a permission of theirs.
    let looking = Arrival { door: None, ..arrival };
    let formerly = settings.former.iter().map(|former| judge_by(element.clone(), former, looking).decision);
    let formerly: Vec<Decision> = formerly.collect();
    let mut judgement = judge_by(element, settings, arrival);
    if let Decision::Record(received) = &mut judgement.decision {
        for decision in formerly {
            if let Decision::Record(former) = decision {
                received.or_formerly(&former);
            }
        }
    }
    judgement
}

fn judge_by(element: Element, settings: &Settings, arrival: Arrival<'_>) -> Judgement {
    let Element { reading, sent_at, producer } = element;
    let unseen = |decision| Judgement { origin: None, verdict: Verdict::default(), decision };
    let Report { event, origin, by_itself, repeated, of_stage, said_at } = match reading {
        Ok(Reading::Report(report)) => *report,
        Ok(Reading::Ignore(reason)) => return unseen(Decision::Ignore(reason)),
        Err(rejection) => return unseen(Decision::Reject(rejection)),
    };
    let said = Saying::of(&event, origin.as_ref());
    let sent_at = sent_at.or(said_at);
    let Some(origin) = origin else {
        // Of our own events only some are of what they name.
        let base = event.kind.is_of_what_it_names().then(|| event.clone());
        let event = called(event, &said, &settings.names);
        return unseen(match record(&event, None, sent_at, producer.as_deref(), arrival, settings) {
            Decision::Record(received) => Decision::Record(Box::new(received.agreeing().instead_of(base.as_ref()))),
            other => other,
        });
    };
    debug_assert!(is_in_table(&origin), "{origin:?} is in the table of sources, with its facts");
    match settings.rules.judge(&origin) {
        Ok(verdict) => {
            let decision = match (&verdict.deployment, by_itself, &verdict.stages) {
                (Some(stated), ..) if !stated.value => Decision::Ignore(Ignored::ByRule(stated.rule.clone())),
                (None, ByItself::IsNoDeployment, _) => Decision::Ignore(Ignored::ByNoRule(origin.source.clone())),
                (_, ByItself::RemovesNothing, _) if verdict.removes.is_none() => Decision::Ignore(Ignored::Inactive),
                (_, ByItself::IsOfNoPlace, _) if !verdict.names_a_place() => {
                    Decision::Ignore(Ignored::NoPlace(origin.source.clone()))
                }
                (.., Stages::Others(rule)) => Decision::Ignore(Ignored::ByStages(rule.clone())),
                (.., stages) => {
                    // As it would be recorded if there were no rules, where these can give it another deployment.
                    let is_moved = *stages == Stages::This || verdict.once_per.is_some();
                    let base = (is_moved || event.kind.is_of_what_it_names()).then(|| event.clone());
                    let base = base.and_then(|base| named(base, &origin, &Verdict::default()).ok());
                    let base = base.map(Event::readdressed);
                    let mut event = of_stage.filter(|_| *stages == Stages::This).unwrap_or(event);
                    if let (Some(alarm), Some(stated)) = (&mut event.alarm, &verdict.decisive) {
                        alarm.decisive = stated.value;
                    }
                    let received = |event| match named(event, &origin, &verdict) {
                        Ok(event) => {
                            let event = called(event, &said, &settings.names);
                            record(&event, Some(&origin.source), sent_at, producer.as_deref(), arrival, settings)
                        }
                        Err(wrong) => Decision::Reject(Rejection::Fields(wrong)),
                    };
                    let decision = match (&verdict.once_per, repeated) {
                        (Some(stated), Some(repeated)) => match repeated.once(event, &stated.value) {
                            Some(Ok(event)) => once(received(event)),
                            Some(Err(wrong)) => Decision::Reject(Rejection::Fields(wrong)),
                            None => Decision::Ignore(Ignored::NoValue(stated.rule.clone())),
                        },
                        // What an alarm said is the same, whatever a rule made of it before.
                        _ if event.alarm.is_some() => once(received(event)),
                        _ => received(event),
                    };
                    match decision {
                        Decision::Record(received) => Decision::Record(Box::new(received.instead_of(base.as_ref()))),
                        decision => decision,
                    }
                }
            };
            Judgement { origin: Some(origin), verdict, decision }
        }
        Err(wrong) => {
            let decision = Decision::Reject(Rejection::Fields(vec![wrong]));
            Judgement { origin: Some(origin), verdict: Verdict::default(), decision }
        }
    }
}

/// The event with its service, environment and region: what the rules say, else what the payload calls them.
fn named(mut event: Event, origin: &Origin, verdict: &Verdict) -> Result<Event, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let names = &mut event.named;
    name(&mut names.environment, verdict.environment.as_ref(), origin.environment.as_ref(), &mut wrong);
    name(&mut names.service, verdict.service.as_ref(), origin.service.as_ref(), &mut wrong);
    if let Some(stated) = &verdict.region {
        names.region.clone_from(&stated.value);
    }
    if wrong.is_empty() { Ok(event) } else { Err(wrong) }
}

/// What a payload itself says of the names that rules and aliases can change.
struct Saying {
    service: Option<String>,
    environment: Option<String>,
    region: Option<String>,
}

impl Saying {
    fn of(event: &Event, origin: Option<&Origin>) -> Self {
        let text = |called: Option<&Called>, name: Option<&str>| {
            called.map(|called| called.text().into_owned()).or_else(|| name.map(str::to_owned))
        };
        let named = &event.named;
        Self {
            service: text(origin.and_then(|origin| origin.service.as_ref()), named.text(Name::Service)),
            environment: text(origin.and_then(|origin| origin.environment.as_ref()), named.text(Name::Environment)),
            region: text(None, named.region.as_ref().map(Region::as_str)),
        }
    }
}

/// The event under the names that its own stand for, with what the sender said of each that has become another.
fn called(mut event: Event, said: &Saying, names: &Names) -> Event {
    if let Some(service) = &mut event.named.service {
        *service = names.services.resolve(service).clone();
    }
    if let Some(environment) = &mut event.named.environment {
        *environment = names.environments.resolve(environment).clone();
    }
    let mut event = event.readdressed();
    let Named { service, environment, region, .. } = &event.named;
    event.said.note("environment", said.environment.as_deref(), environment.as_ref().map(Environment::as_str));
    if event.kind != Kind::Retirement {
        event.said.note("service", said.service.as_deref(), service.as_ref().map(Service::as_str));
        event.said.note("region", said.region.as_deref(), region.as_ref().map(Region::as_str));
    }
    event
}

fn name<T: Identifier + Clone>(
    slot: &mut Option<T>,
    stated: Option<&Stated<T>>,
    called: Option<&Called>,
    wrong: &mut Vec<FieldError>,
) {
    match (stated, called.map(Called::name)) {
        (Some(stated), _) => *slot = Some(stated.value.clone()),
        (None, Some(Ok(name))) => *slot = Some(name),
        (None, Some(Err(error))) => wrong.push(error),
        (None, None) => {}
    }
}

fn record(
    event: &Event,
    from: Option<&str>,
    sent_at: Option<Timestamp>,
    producer: Option<&str>,
    arrival: Arrival<'_>,
    settings: &Settings,
) -> Decision {
    let producer = producer.unwrap_or(arrival.producer);
    let grant = match granted(event, producer, arrival, settings) {
        Ok(grant) => grant,
        Err(forbidden) => return Decision::Reject(Rejection::Forbidden(forbidden.to_string())),
    };
    match Received::new(event, sent_at.unwrap_or(arrival.at), producer) {
        Ok(received) => {
            let owner = sources::owner(&received.event.deployment_id, from);
            Decision::Record(Box::new(Received { owner, grant, ..received.with_same(&settings.names) }))
        }
        Err(errors) => Decision::Reject(Rejection::Fields(errors)),
    }
}

/// What the permissions give the sender of an event for it, where they limit that. Whether it is of a place that they
/// give is judged where the deployment that it names is known.
fn granted(
    event: &Event,
    producer: &str,
    arrival: Arrival<'_>,
    settings: &Settings,
) -> Result<Option<Box<(Right, Grant)>>, Forbidden> {
    let Some(door) = arrival.door else { return Ok(None) };
    let right = right_for(event, door == Arrival::PAGE);
    let who = known_as(producer, arrival.groups);
    let grant = settings.general.permissions.grant(right, &who, door, &settings.names);
    let place = named_place(event);
    // Whoever overrides a gate says which.
    let is_said = right != Right::Override || grant.admits(place.0.as_ref(), place.1.as_ref());
    if grant.is_nothing() || !is_said {
        return Err(Forbidden { who: producer.to_owned(), right, place, elsewhere: !grant.is_nothing() });
    }
    Ok((grant != Grant::Everything).then(|| Box::new((right, grant))))
}

impl Repeated {
    /// The event as one of all that have the same value of this field, of which each status counts once. None
    /// where there is no value.
    fn once(&self, mut event: Event, per: &OncePer) -> Option<Result<Event, Vec<FieldError>>> {
        let value = per.value(&self.document)?;
        let named = || {
            event.deployment_id = id_of_value(&self.id, &value)?;
            event.event_id = Some(identifier("status", event.status.as_str())?);
            Ok(event)
        };
        Some(named())
    }
}

/// The same, of an event that is known by its key, whatever else it says when it comes again.
fn once(decision: Decision) -> Decision {
    match decision {
        Decision::Record(received) => Decision::Record(Box::new(received.once())),
        other => other,
    }
}

/// Whether rules can look at all that a payload has.
fn is_in_table(origin: &Origin) -> bool {
    let source = SOURCES.iter().find(|source| source.name == origin.source);
    let custom = || origin.source.starts_with(custom::PREFIX).then(|| CustomSource::facts().collect());
    let facts = source.map(|source| source.all_facts().collect::<Vec<_>>()).or_else(custom);
    facts.is_some_and(|facts| origin.facts().all(|(name, _)| facts.contains(&name)))
}
