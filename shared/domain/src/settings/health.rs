//! What tells good from bad, and what is to be done then: for all, for an environment, or for a service.

use super::bounds::DAYS;
use crate::fields::Fields;

/// The longest command, in bytes.
const COMMAND_BYTES: usize = 2000;

/// Checks `health`, `rollbackCommand` and `autoRollback`.
pub(super) fn read(from: &mut Fields<'_>) {
    from.free_text(&["rollbackCommand"], COMMAND_BYTES);
    from.flag(&["autoRollback"]);
    let Some((path, object)) = from.object(&["health"]) else { return };
    let mut health = from.nested(path, object);
    health.whole_number(&["watchMinutes"], 1.0, DAYS * 24.0 * 60.0);
    health.whole_number(&["suspectHours"], 1.0, DAYS * 24.0);
    health.number(&["healthScore"], 0.0, 100.0);
    health.number(&["errorRate"], 0.0, 100.0);
    health.number(&["latencyFactor"], 1.0, 1000.0);
    health.flag(&["rollbackIsFailure"]);
    health.finish("known are watchMinutes, suspectHours, healthScore, errorRate, latencyFactor and rollbackIsFailure");
}
