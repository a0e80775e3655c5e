//! What must hold before something may go to an environment.

use super::bounds::DAYS;
use crate::Environment;
use crate::fields::Fields;

/// What must hold before something may go to an environment. The default asks only that no freeze holds.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each check is asked for by itself")]
pub struct GateSettings {
    /// It landed in this environment.
    pub proven_in: Option<Environment>,
    /// That was so many minutes ago.
    pub soak_minutes: Option<u32>,
    /// It is not known to be bad.
    pub not_bad: bool,
    /// No other deployment of the place is active.
    pub nothing_active: bool,
    /// No freeze holds. Whoever declares one means it, so this is asked unless it is turned off.
    pub freeze: bool,
    /// The release that it belongs to is complete in the environment before.
    pub release_complete: bool,
}

impl Default for GateSettings {
    fn default() -> Self {
        Self {
            proven_in: None,
            soak_minutes: None,
            not_bad: false,
            nothing_active: false,
            freeze: true,
            release_complete: false,
        }
    }
}

/// Reads the gate of an environment. `before` are those that stand before it.
pub(super) fn read<'e>(from: &mut Fields<'_>, mut before: impl Iterator<Item = &'e Environment>) -> GateSettings {
    let default = GateSettings::default();
    let Some((path, object)) = from.object(&["gate"]) else { return default };
    let mut gate = from.nested(path, object);
    let proven_in: Option<Environment> = gate.identifier(&["provenIn"]);
    if proven_in.as_ref().is_some_and(|name| before.all(|environment| environment != name)) {
        gate.wrong("provenIn", "must be the name of an environment that stands before this one");
    }
    let soak_minutes = gate.count(&["soakMinutes"], 0.0, DAYS * 24.0 * 60.0);
    let mut flag = |name, default| gate.flag(&[name]).unwrap_or(default);
    let settings = GateSettings {
        proven_in,
        soak_minutes,
        not_bad: flag("notBad", default.not_bad),
        nothing_active: flag("nothingActive", default.nothing_active),
        freeze: flag("freeze", default.freeze),
        release_complete: flag("releaseComplete", default.release_complete),
    };
    gate.finish("known are provenIn, soakMinutes, notBad, nothingActive, freeze and releaseComplete");
    settings
}
