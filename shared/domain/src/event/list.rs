//! The fields of an event: one line each. From this list come the types, how an event is read
//! ([`read`](super::read())), its JSON Schema, and the table in `docs/events.md`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::slot::{Essentials, Field, Slot};
use super::{Alarm, Commits, Failure, Kind, Metrics, Name, Reason, Replaces, Said, Trigger, Verdict};
use crate::fields::Fields;
use crate::identifiers::{
    Commit, DeploymentId, Environment, EventId, Label, Region, Service, Source, StageName, Version,
};
use crate::{Status, Timestamp};

/// Makes a struct of lines `name: Type = "name in JSON" | "alias", "what it means", "what it is when absent";`
/// with, at one place among them, the fields of a group that stand beside its own in JSON, and behind them lines
/// `~ name: Type, "what it means";` of what is noted beside what a sender can say.
macro_rules! fields {
    (
        $(#[$about:meta])*
        pub struct $Struct:ident {
            $( $(#[$serde:meta])* $name:ident: $Type:ty = $json:literal $(| $alias:literal)*, $meaning:literal, $absent:literal; )*
            $(
                .. $group:ident: $Group:ty, $group_meaning:literal;
                $( $(#[$more_serde:meta])* $more:ident: $MoreType:ty = $more_json:literal $(| $more_alias:literal)*, $more_meaning:literal, $more_absent:literal; )*
            )?
            $( ~ $(#[$noted_serde:meta])* $noted:ident: $Noted:ty, $noted_meaning:literal; )*
        }
    ) => {
        $(#[$about])*
        pub struct $Struct {
            $( #[doc = $meaning] $(#[$serde])* pub $name: $Type, )*
            $(
                #[doc = $group_meaning] #[serde(flatten)] pub $group: $Group,
                $( #[doc = $more_meaning] $(#[$more_serde])* pub $more: $MoreType, )*
            )?
            $( #[doc = $noted_meaning] $(#[$noted_serde])* pub $noted: $Noted, )*
        }

        impl $Struct {
            /// Its fields in the order of the documentation.
            #[must_use]
            pub fn fields() -> Vec<Field> {
                let before = vec![ $( field::<$Type>($json, &[$($alias),*], $meaning, $absent), )* ];
                $(
                    let group = <$Group>::fields();
                    let behind = [ $( field::<$MoreType>($more_json, &[$($more_alias),*], $more_meaning, $more_absent), )* ];
                    let before = before.into_iter().chain(group).chain(behind).collect();
                )?
                before
            }

            /// With nothing but what is essential.
            pub(super) fn initial(essentials: &Essentials) -> Self {
                Self {
                    $( $name: Slot::initial(essentials), )*
                    $( $group: <$Group>::initial(essentials), $( $more: Slot::initial(essentials), )* )?
                    $( $noted: Default::default(), )*
                }
            }

            /// Takes the fields out of an object; none when one is wrong that there is nothing without.
            pub(super) fn take(from: &mut Fields<'_>, now: Timestamp) -> Option<Self> {
                $( let $name = <$Type as Slot>::take(from, &[$json $(, $alias)*], now); )*
                $(
                    let $group = <$Group>::take(from, now);
                    $( let $more = <$MoreType as Slot>::take(from, &[$more_json $(, $more_alias)*], now); )*
                )?
                Some(Self {
                    $( $name: $name?, )*
                    $( $group: $group?, $( $more: $more?, )* )?
                    $( $noted: Default::default(), )*
                })
            }
        }
    };
}

fn field<T: Slot>(
    name: &'static str,
    aliases: &'static [&'static str],
    meaning: &'static str,
    absent: &'static str,
) -> Field {
    Field { name, aliases, meaning, absent, bounds: T::BOUNDS, required: T::REQUIRED, schema: T::schema }
}

fields! {
    /// An event as its sender meant it: aliases resolved, every value within its bounds. Events of other
    /// tools become this too.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Event {
        deployment_id: DeploymentId = "deploymentId", "The deployment.", "an error, except of a `retirement`, a `verdict`, or an `observation` of a place";
        status: Status = "status", "The status.", "an error, except of a `retirement`, a `verdict` or an `observation`";
        source: Source = "source", "The event source: the tool that reports.", "`native`, also on a bus";
        #[serde(rename = "type")]
        kind: Kind = "type", "What `status` is about.", "`deployment`";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<StageName> = "stage", "The stage of a stage event; on a deployment event, the current stage.", "an error when `type` is `stage`";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        occurred_at: Option<Timestamp> = "occurredAt" | "timestamp", "When it happened.", "see [times](#times)";
        attempt: u32 = "attempt", "The attempt of the deployment, from 1.", "1";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        event_id: Option<EventId> = "eventId", "The producer's idempotency key.", "a hash of the event is the idempotency key";
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        provisional: BTreeSet<Name> = "provisional", "The names of this event that any other event of the deployment corrects.", "none";
        .. named: Named, "What describes the deployment: for each of these the earliest event that names it counts.";
        #[serde(default, skip_serializing_if = "Metrics::is_empty")]
        metrics: Metrics = "metrics", "The metrics.", "not measured; 0 is a value";
        #[serde(default, skip_serializing_if = "Metrics::is_empty")]
        baseline: Metrics = "baseline", "What an `observation` has as metrics, as it was before the deployment.", "not measured; no other event has it";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alarm: Option<Alarm> = "alarm", "What an alarm says, in an `observation` without metrics.", "no alarm; no other event has it";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<Failure> = "error", "What went wrong.", "";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rollback_to: Option<Version> = "rollbackTo", "The version that a rollback restored.", "the last good version before";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        committed_at: Option<Timestamp> = "committedAt", "When the deployed commit was made.", "not known";
        #[serde(default, skip_serializing_if = "Commits::is_empty")]
        commits: Commits = "commits", "The commits that the deployment brings, each with when it was made: its lead time is then one for each of them.", "`committedAt` alone counts";
        #[serde(default, rename = "outcome", skip_serializing_if = "Option::is_none")]
        verdict: Option<Verdict> = "outcome", "What a `verdict` says of its version.", "an error of a `verdict`; no other event has it";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason> = "reason", "Why a `verdict` says so.", "an error of a `verdict`; no other event has it";
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        links: BTreeMap<String, String> = "links", "Named `https` links.", "";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notes: Option<String> = "notes", "Free text.", "";
        #[serde(default, skip_serializing_if = "Option::is_none")]
        metadata: Option<Map<String, Value>> = "metadata", "Fields of the producer's own.", "";
        ~ #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<DeploymentId>, "The deployment that an observation is of, where it names one: its history is another one.";
        ~ #[serde(default, skip_serializing_if = "Said::is_empty")]
        said: Said, "What the sender said where rules or aliases gave a field another value.";
        ~ #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        replaces: Replaces, "The names that are recorded of the deployment, and that this event's names stand for.";
    }
}

fields! {
    /// What describes a deployment and does not change while it runs.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "camelCase", default)]
    pub struct Named {
        #[serde(skip_serializing_if = "Option::is_none")]
        service: Option<Service> = "service" | "application" | "applicationName", "The service.", "`unknown` until an event of the deployment names it";
        #[serde(skip_serializing_if = "Option::is_none")]
        environment: Option<Environment> = "environment", "The environment.", "`unknown` until an event of the deployment names it";
        #[serde(skip_serializing_if = "Option::is_none")]
        version: Option<Version> = "version", "The version.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<Commit> = "commit", "The commit.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        artifact: Option<Label> = "artifact", "The artifact.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        build_number: Option<Label> = "buildNumber", "The build.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        region: Option<Region> = "region", "The region.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        triggered_by: Option<Trigger> = "triggeredBy", "Who or what triggered it.", "not known";
        #[serde(skip_serializing_if = "Option::is_none")]
        release: Option<Label> = "release", "The release that this deployment is part of.", "not known";
    }
}
