//! What Flux's Helm controller says of a `HelmRelease`. Documented in the reasons of its API, `v2`; before
//! those, the message alone said what was done.

use domain::Status;
use domain::event::Kind;

use super::{Said, Which};

/// What a reason, or else a message, says of a deployment; nothing when nothing was deployed.
pub(super) fn said(reason: &str, message: &str) -> Option<Said> {
    let (action, status) = of_reason(reason).or_else(|| of_message(message))?;
    let numbered = release(message).map_or(Which::AtItsTime, Which::Release);
    let (which, kind, status) = match (action, status) {
        ("Reconciliation", Status::Completed) => (Which::Revision, Kind::Deployment, status),
        // What failed in it is said by its own reason.
        ("Reconciliation", _) => return None,
        // The tests of a release without a number are of no deployment that is known.
        ("Test", _) if matches!(numbered, Which::AtItsTime) => return None,
        ("Test", _) => (numbered, Kind::Stage, status),
        ("Uninstall", _) => (Which::AtItsTime, Kind::Removal, status),
        // The number is that of the release which came back.
        ("Rollback", Status::Completed) => (Which::AtItsTime, Kind::Deployment, Status::RolledBack),
        ("Rollback", _) => (Which::AtItsTime, Kind::Deployment, status),
        _ => (numbered, Kind::Deployment, status),
    };
    Some(Said { which, kind, status })
}

const ACTIONS: [&str; 6] = ["Install", "Upgrade", "Test", "Rollback", "Uninstall", "Reconciliation"];

/// `UpgradeSucceeded`.
fn of_reason(reason: &str) -> Option<(&'static str, Status)> {
    ACTIONS.into_iter().find_map(|action| match reason.strip_prefix(action)? {
        "Succeeded" => Some((action, Status::Completed)),
        "Failed" => Some((action, Status::Failed)),
        _ => None,
    })
}

/// `Helm upgrade succeeded`, `Helm install failed: …`.
fn of_message(message: &str) -> Option<(&'static str, Status)> {
    let words = message.strip_prefix("Helm ")?;
    ACTIONS.into_iter().find_map(|action| {
        let rest = words.strip_prefix(&action.to_ascii_lowercase())?;
        match rest.trim_start().split([' ', ':']).next()? {
            "succeeded" => Some((action, Status::Completed)),
            "failed" => Some((action, Status::Failed)),
            _ => None,
        }
    })
}

/// The number of the release in `… for release shop/cart.v7 with chart …`.
fn release(message: &str) -> Option<u64> {
    let named = message.split_once(" release ")?.1.split([' ', ':']).next()?;
    named.rsplit_once(".v")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_to_a_release_is_said_by_the_reason_or_else_by_the_message() {
        use Kind::{Deployment, Removal, Stage};
        use Status::{Completed, Failed, RolledBack};
        let numbered = "Helm upgrade succeeded for release shop/cart.v7 with chart cart@2.8.0";
        let back = "Helm rollback to previous release shop/cart.v6 with chart cart@2.7.0 succeeded";
        for (reason, message, expected) in [
            (
                "InstallSucceeded",
                "Helm install succeeded for release shop/cart.v1 with chart cart@1.0.0",
                Some((Deployment, Completed, Some(1))),
            ),
            ("UpgradeSucceeded", numbered, Some((Deployment, Completed, Some(7)))),
            ("UpgradeSucceeded", "Helm upgrade succeeded", Some((Deployment, Completed, None))),
            (
                "UpgradeFailed",
                "Helm upgrade failed for release shop/cart with chart cart@2.8.0: timed out",
                Some((Deployment, Failed, None)),
            ),
            (
                "TestFailed",
                "Helm test failed for release shop/cart.v7 with chart cart@2.8.0: x",
                Some((Stage, Failed, Some(7))),
            ),
            ("TestSucceeded", "", None),
            ("RollbackSucceeded", back, Some((Deployment, RolledBack, None))),
            (
                "UninstallSucceeded",
                "Helm uninstall succeeded for release shop/cart.v7",
                Some((Removal, Completed, None)),
            ),
            ("info", "Helm upgrade succeeded", Some((Deployment, Completed, None))),
            ("error", "Helm install failed: timed out", Some((Deployment, Failed, None))),
            ("info", "Helm upgrade has started", None),
            ("ReconciliationSucceeded", "Release reconciliation succeeded", Some((Deployment, Completed, None))),
            ("ReconciliationFailed", "", None),
            ("DriftDetected", "Cluster state of release shop/cart.v7 has drifted", None),
            ("ArtifactFailed", "", None),
        ] {
            let found = said(reason, message).map(|said| {
                let number = if let Which::Release(number) = said.which { Some(number) } else { None };
                (said.kind, said.status, number)
            });
            assert_eq!(found, expected, "{reason} {message}");
        }
    }
}
