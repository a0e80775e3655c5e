//! The settings of the demo: a promotion path with gates, whose the services are, and a freeze that is over.

use domain::Timestamp;
use serde_json::{Value, json};

use super::minutes_before;
use crate::System;

/// In force since before the first deployment (minutes ago).
const SINCE: i64 = 130 * 24 * 60;

/// Applies them, unless settings are in force.
pub(super) async fn apply(system: &System, now: Timestamp) -> Result<(), String> {
    let reader = store::reader::Reader::new(system.data.store.clone());
    if reader.settings().await.map_err(|error| error.to_string())?.is_some() {
        return Ok(());
    }
    system.apply_settings(&document(now).to_string(), minutes_before(now, SINCE)).await.map(|_| ())
}

fn document(now: Timestamp) -> Value {
    json!({
        "environments": [
            {"name": "development"},
            {"name": "staging", "gate": {"notBad": true}},
            {
                "name": "production", "production": true, "staleAfterDays": 90,
                "gate": {"provenIn": "staging", "soakMinutes": 60, "notBad": true, "nothingActive": true},
            },
        ],
        "services": [
            {"name": "checkout", "team": "shop", "dependsOn": ["payments", "catalog"]},
            {"name": "catalog", "team": "shop"}, {"name": "search", "team": "shop", "dependsOn": ["catalog"]},
            {"name": "payments", "team": "billing"}, {"name": "invoices", "team": "billing"},
            {"name": "notifications", "team": "platform"}, {"name": "profiles", "team": "platform"},
        ],
        "freezes": [{
            "name": "stocktaking", "environments": ["production"], "except": ["search"],
            "from": minutes_before(now, 30 * 60), "to": minutes_before(now, 18 * 60),
        }],
    })
}
