//! The figures of an event: one line each. As with [the event's own fields](super::list), the type, the
//! reading and the description come from this list.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::limits::Limits;
use super::schema_pieces::{one_of_its_names, or_null};
use super::slot::{Essentials, Slot};
use crate::Timestamp;
use crate::fields::Fields;

/// Which numbers a figure takes.
#[derive(Debug, Clone, Copy)]
enum Range {
    /// 0 to 100.
    Percent,
    /// From 0.
    Measure,
    /// From 0, and whole.
    Count,
}

macro_rules! metrics {
    ( $( $name:ident = $json:literal $(| $alias:literal)*, $range:expr, $meaning:literal; )* ) => {
        /// Metrics; zero is a value, and absent does not mean zero.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
        #[serde(rename_all = "camelCase")]
        pub struct Metrics {
            $(
                #[doc = $meaning]
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<f64>,
            )*
        }

        impl Metrics {
            fn of(from: &mut Fields<'_>) -> Self {
                Self { $( $name: $range.take(from, &[$json $(, $alias)*]), )* }
            }

            /// Those that were measured, each with its name.
            #[must_use]
            pub fn measured(&self) -> Vec<(&'static str, f64)> {
                [$( ($json, self.$name) ),*].into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
            }

            fn properties() -> Map<String, Value> {
                let mut properties = Map::new();
                $( for name in [$json $(, $alias)*] {
                    properties.insert(name.to_owned(), or_null($range.schema()));
                } )*
                properties
            }

            fn relations() -> Vec<Value> {
                let names: [&[&str]; _] = [$( &[$json $(, $alias)*] ),*];
                names.into_iter().flat_map(one_of_its_names).collect()
            }
        }
    };
}

metrics! {
    duration_seconds = "durationSeconds" | "duration", Range::Measure, "The duration in seconds.";
    health_score = "healthScore", Range::Percent, "0 to 100.";
    error_count = "errorCount", Range::Count, "The number of errors.";
    error_rate = "errorRate", Range::Percent, "0 to 100 percent.";
    instance_count = "instanceCount", Range::Count, "The number of instances.";
    success_rate = "successRate", Range::Percent, "0 to 100 percent.";
    latency_p95_ms = "latencyP95Ms", Range::Measure, "95th percentile of latency in milliseconds.";
    traffic_percent = "trafficPercent", Range::Percent, "0 to 100 percent of the traffic.";
}

impl Range {
    fn take(self, from: &mut Fields<'_>, names: &[&'static str]) -> Option<f64> {
        match self {
            Self::Percent => from.number(names, 0.0, 100.0),
            Self::Measure => from.number(names, 0.0, Limits::FIGURE),
            Self::Count => from.whole_number(names, 0.0, Limits::FIGURE),
        }
    }

    fn schema(self) -> Value {
        match self {
            Self::Percent => json!({"type": "number", "minimum": 0, "maximum": 100}),
            Self::Measure => json!({"type": "number", "minimum": 0, "maximum": Limits::FIGURE}),
            Self::Count => json!({"type": "integer", "minimum": 0, "maximum": Limits::FIGURE}),
        }
    }
}

impl Metrics {
    /// Whether nothing was measured.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Slot for Metrics {
    const BOUNDS: &'static str = "an object of numbers: `healthScore`, `errorRate`, `successRate`, `trafficPercent` from \
                                  0 to 100; `durationSeconds` (or `duration`), `latencyP95Ms` from 0 to 10¹²; \
                                  `errorCount`, `instanceCount` from 0 to 10¹², whole";

    fn schema() -> Value {
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": Self::properties(),
            "allOf": Self::relations(),
        })
    }

    fn initial(_: &Essentials) -> Self {
        Self::default()
    }

    fn take(from: &mut Fields<'_>, names: &[&'static str], _: Timestamp) -> Option<Self> {
        let Some((name, object)) = from.object(names) else { return Some(Self::default()) };
        let mut inner = from.nested(name, object);
        let metrics = Self::of(&mut inner);
        inner.finish("figures of your own go into the event's `metadata`");
        Some(metrics)
    }
}
