//! The table of routes: a row is a route, its operation included.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::parameter::{CURSOR, ENVIRONMENT, Kind, LIMIT, Parameter, RETIRED, SERVICE};
use super::{Function, Method, Route};
use crate::cdevents::CdEvent;
use crate::{
    AppliedRelease, AppliedSettings, BadVersions, By, Catalog, Comparison, Deployment, Drift, ElementReceipt,
    ExportLine, Gate, Incident, JudgedDeployment, ListedDeployment, ListedRelease, LiveCell, Metrics, MetricsFormat,
    Page, Receipt, RecordedEvent, Rejected, Release, SettingsVersion, StoredSettings, Suspects, Usage, Verification,
    VerifiedChain,
};

/// Makes the operations, and the table of routes, of rows.
macro_rules! routes {
    ( $( $Operation:ident = $name:literal, $method:ident $path:literal of $function:ident, $summary:literal,
         $query:expr, $answer:expr; )* ) => {
        /// What a route is for. Each function matches those that it serves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Operation {
            $( #[doc = $summary] $Operation, )*
        }

        impl Operation {
            /// Its name in the OpenAPI document, and in cursors.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $( Self::$Operation => $name, )* }
            }
        }

        /// The schema of a route's answer. It is no part of the table: whoever only finds routes in it, as
        /// the functions do, need not carry what makes schemas.
        pub(crate) fn answer(operation: Operation, schemas: &mut SchemaGenerator) -> Value {
            let of: fn(&mut SchemaGenerator) -> Value = match operation { $( Operation::$Operation => $answer, )* };
            of(schemas)
        }

        /// All routes.
        pub const ROUTES: &[Route] = &[ $( Route {
            operation: Operation::$Operation,
            method: Method::$method,
            path: $path,
            summary: $summary,
            query: &$query,
            function: Function::$function,
        }, )* ];
    };
}

routes! {
    PostEvents = "postEvents", Post "/v1/events" of EventProcessor,
        "Records one event, or up to 100 with one result for each; CDEvents, CloudEvents and log entries of pipelines too.",
        [],
        |schemas| json!({"oneOf": [schema::<Receipt>(schemas), schema::<Vec<ElementReceipt>>(schemas)]});
    PostWebhook = "postWebhook", Post "/v1/webhooks/{tool}" of EventProcessor,
        "Receives a webhook of another tool, with its token or signature.",
        [],
        schema::<Receipt>;
    PostCustomWebhook = "postCustomWebhook", Post "/v1/webhooks/custom/{name}" of EventProcessor,
        "Receives a webhook of a custom source: of any tool that the settings have a mapping for.",
        [],
        schema::<Receipt>;
    ListDeployments = "listDeployments", Get "/v1/deployments" of StatusQuery,
        "Deployments, newest first.",
        [ENVIRONMENT, SERVICE, Parameter::new("status", Kind::Statuses, "Only these statuses, with commas between them."), Parameter::new("version", Kind::Version, "Only this version."), Parameter::new("release", Kind::Label, "Only this release."), Parameter::new("artifact", Kind::Label, "Only this artifact."), Parameter::new("from", Kind::Time, "Created at this time or later."), Parameter::new("to", Kind::Time, "Created before this time."), LIMIT, CURSOR],
        schema::<Page<ListedDeployment>>;
    ListActiveDeployments = "listActiveDeployments", Get "/v1/deployments/active" of StatusQuery,
        "Deployments that have not finished, newest first.",
        [ENVIRONMENT, LIMIT, CURSOR],
        schema::<Page<Deployment>>;
    GetDeployment = "getDeployment", Get "/v1/deployments/{deploymentId}" of StatusQuery,
        "A deployment with its stages, now or at a point in time, or as known at a point in time.",
        [Parameter::new("asOf", Kind::Time, "As it stood at this time, by what had happened by then."), Parameter::new("knownAt", Kind::Time, "As it was known at this time, without events that were recorded later.")],
        schema::<JudgedDeployment>;
    ListDeploymentEvents = "listDeploymentEvents", Get "/v1/deployments/{deploymentId}/events" of StatusQuery,
        "A deployment's audit trail, in sequence order, with hashes.",
        [Parameter::new("format", Kind::Format, "The format of the entries: as recorded, or as CDEvents (zero, one or two for each entry)."), Parameter::new("asOf", Kind::Time, "Only what had happened by this time."), Parameter::new("knownAt", Kind::Time, "Only what was recorded by this time."), LIMIT, CURSOR],
        |schemas| json!({"anyOf": [schema::<Page<RecordedEvent>>(schemas), schema::<Page<CdEvent>>(schemas)]});
    VerifyDeployment = "verifyDeployment", Get "/v1/deployments/{deploymentId}/verify" of StatusQuery,
        "Whether a deployment's history is intact, and its summary matches the events.",
        [],
        schema::<Verification>;
    VerifyDay = "verifyDay", Get "/v1/verify" of StatusQuery,
        "Whether everything is intact that was recorded on a day: each chain, its summary, and what follows from it in the state.",
        [Parameter::new("day", Kind::Day, "The day, UTC.").required(), LIMIT, CURSOR],
        schema::<Page<VerifiedChain>>;
    Export = "export", Get "/v1/export" of StatusQuery,
        "What was recorded on a day, in the order of recording, with all that the hashes cover.",
        [Parameter::new("day", Kind::Day, "The day, UTC.").required(), LIMIT, CURSOR],
        schema::<Page<ExportLine>>;
    ListIncidents = "listIncidents", Get "/v1/incidents" of StatusQuery,
        "Incidents, newest first.",
        [ENVIRONMENT, SERVICE, Parameter::new("from", Kind::Time, "Created at this time or later."), Parameter::new("to", Kind::Time, "Created before this time."), LIMIT, CURSOR],
        schema::<Page<Incident>>;
    ListLive = "listLive", Get "/v1/live" of StatusQuery,
        "The live versions, now or at a point in time, or as known at a point in time.",
        [ENVIRONMENT, SERVICE, Parameter::new("region", Kind::Name, "What is live in this region, and only where deployments name it."), Parameter::new("asOf", Kind::Time, "What was live at this time."), Parameter::new("knownAt", Kind::Time, "As it was known at this time, without events that were recorded later."), RETIRED, Parameter::new("difference", Kind::Flag, "With `true`, how each cell stands to the environment before it on the promotion path."), Parameter::new("active", Kind::Flag, "With `true`, the deployments of each cell that have not ended, and a cell too for each place where nothing runs and something is under way; not of the past."), Parameter::new("verdict", Kind::Flag, "With `true`, what speaks against what runs in each cell, as people were told; not of the past."), LIMIT, CURSOR],
        schema::<Page<LiveCell>>;
    Compare = "compare", Get "/v1/compare" of StatusQuery,
        "What one environment runs beside another: which is behind, by what and since when.",
        [Parameter::new("from", Kind::Name, "The environment from which changes come.").required(), Parameter::new("to", Kind::Name, "The environment to which they go.").required(), SERVICE, Parameter::new("asOf", Kind::Time, "What ran in both at this time."), Parameter::new("fromAsOf", Kind::Time, "What ran in `from` at this time."), Parameter::new("toAsOf", Kind::Time, "What ran in `to` at this time."), Parameter::new("knownAt", Kind::Time, "As it was known at this time, without events that were recorded later."), LIMIT, CURSOR],
        schema::<Comparison>;
    ListDrift = "listDrift", Get "/v1/drift" of StatusQuery,
        "Where what runs is not what it should be, the worst first: what lags, was never seen before, disagrees, is stale.",
        [Parameter::new("environment", Kind::Name, "Only what is about this environment."), Parameter::new("service", Kind::Name, "Only what is about this service."), Parameter::new("kind", Kind::Finding, "Only this kind."), Parameter::new("severity", Kind::Severity, "Only what is so bad."), Parameter::new("asOf", Kind::Time, "As it was at this time, by the settings of then."), LIMIT, CURSOR],
        schema::<Drift>;
    ListSuspects = "listSuspects", Get "/v1/suspects" of StatusQuery,
        "What changed before something went wrong, the likeliest cause first: what landed within a window, or was under way at its end.",
        [Parameter::new("service", Kind::Name, "The service that went wrong.").required(), Parameter::new("at", Kind::Time, "When it did.").required(), Parameter::new("environment", Kind::Name, "Where it did; without it, in each environment that is production."), Parameter::new("window", Kind::Window, "For how long before `at` changes are looked for: minutes, hours or days, at most 7 days."), LIMIT, CURSOR],
        schema::<Suspects>;
    GetGate = "getGate", Get "/v1/gate" of StatusQuery,
        "Whether a version of a service may go to an environment, by the checks that the settings ask for.",
        [Parameter::new("service", Kind::Name, "The service.").required(), Parameter::new("environment", Kind::Name, "The environment that it is to go to.").required(), Parameter::new("version", Kind::Version, "The version.").required(), Parameter::new("commit", Kind::Commit, "Its commit."), Parameter::new("deploymentId", Kind::Deployment, "The deployment that asks: it is not another one that is active."), Parameter::new("asOf", Kind::Time, "Judged for this time, by the settings of then."), Parameter::new("knownAt", Kind::Time, "As it was known at this time, without events that were recorded later.")],
        schema::<Gate>;
    ListBad = "listBad", Get "/v1/bad" of StatusQuery,
        "Bad versions: rolled back, failed after completing, measured to be bad, or called bad, and not cleared since.",
        [SERVICE, Parameter::new("environment", Kind::Name, "Only what is bad in this environment."), Parameter::new("asOf", Kind::Time, "What was bad at this time."), Parameter::new("cleared", Kind::Flag, "With `true`, also what was cleared."), LIMIT, CURSOR],
        schema::<BadVersions>;
    ListReleases = "listReleases", Get "/v1/releases" of StatusQuery,
        "Releases that are declared or that deployments name, those of the newest day first.",
        [Parameter::new("environment", Kind::Name, "Only those that are declared for this environment or were deployed to it, with whether they are complete there."), Parameter::new("asOf", Kind::Time, "As they were at this time."), LIMIT, CURSOR],
        schema::<Page<ListedRelease>>;
    GetRelease = "getRelease", Get "/v1/releases/{release}" of StatusQuery,
        "How each service of a release stands in an environment.",
        [Parameter::new("environment", Kind::Name, "The environment.").required(), Parameter::new("asOf", Kind::Time, "As it was at this time, by the declaration of then.")],
        schema::<Release>;
    PutRelease = "putRelease", Put "/v1/releases/{release}" of EventProcessor,
        "Declares which versions of which services a release has, as its next version.",
        [],
        schema::<AppliedRelease>;
    GetMetrics = "getMetrics", Get "/v1/metrics" of StatusQuery,
        "Figures about the deployments that finished in the last hours: counts, success rate, durations, stages, DORA.",
        [ENVIRONMENT, SERVICE, Parameter::new("hours", Kind::Hours, "The length of the window in hours, up to now or `asOf`."), Parameter::new("asOf", Kind::Time, "The window ends with the minute of this time."), Parameter::new("team", Kind::Label, "Only services of this team, as the settings say."), Parameter::new("release", Kind::Label, "Only this release."), Parameter::new("by", Kind::OneOf(&By::NAMES), "With the figures of each of these too, in `groups`."), Parameter::new("compareTo", Kind::OneOf(&["previous"]), "With those of the window before too, in `previous`."), Parameter::new("format", Kind::OneOf(&MetricsFormat::NAMES), "With `csv`, a table of the figures as `text/csv`; else `json`.")],
        schema::<Metrics>;
    GetCatalog = "getCatalog", Get "/v1/catalog" of StatusQuery,
        "Environments and services; with `service`, that service and its versions.",
        [SERVICE, RETIRED, LIMIT, CURSOR],
        schema::<Catalog>;
    GetUsage = "getUsage", Get "/v1/usage" of StatusQuery,
        "What the installation used in a month, by its own counters.",
        [Parameter::new("asOf", Kind::Time, "The month up to the day of this time.")],
        schema::<Usage>;
    ListRejected = "listRejected", Get "/v1/rejected" of StatusQuery,
        "Rejected events from the queue and from webhooks, newest first.",
        [Parameter::new("from", Kind::Time, "Sent at this time or later."), Parameter::new("to", Kind::Time, "Sent before this time."), LIMIT, CURSOR],
        schema::<Page<Rejected>>;
    GetSettings = "getSettings", Get "/v1/settings" of StatusQuery,
        "The settings: in force now, at a point in time, or of a version.",
        [Parameter::new("asOf", Kind::Time, "What was in force at this time."), Parameter::new("version", Kind::Number, "This version.")],
        schema::<StoredSettings>;
    PutSettings = "putSettings", Put "/v1/settings" of EventProcessor,
        "Checks a document of settings as a whole, and records it as the next version.",
        [],
        schema::<AppliedSettings>;
    ListSettings = "listSettings", Get "/v1/settings/versions" of StatusQuery,
        "The versions of the settings, newest first.",
        [LIMIT, CURSOR],
        schema::<Page<SettingsVersion>>;
    GetOpenapi = "getOpenapi", Get "/openapi.json" of StatusQuery,
        "This document.",
        [],
        |_| json!({"type": "object"});
    GetHealth = "getHealth", Get "/healthz" of StatusQuery,
        "Whether the function answers. This route needs no authentication.",
        [],
        |_| json!({"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]});
    GetRoot = "getRoot", Get "/" of StatusQuery,
        "The start page: all routes.",
        [],
        |_| json!({"type": "object"});
}

/// The schema of a shape, which stands among the document's own.
fn schema<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().to_value()
}
