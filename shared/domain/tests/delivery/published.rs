//! What others publish, recomputed: with their own rule by hand, and with ours by the product. Where the two differ,
//! `docs/metrics.md` says why.

use domain::identifiers::Identifier as _;
use domain::questions::delivery::{Against, Dora, How};
use domain::{DeploymentId, Figures};

use super::{deployment, facts, noon, question};

const DAY: i64 = 24 * 60;

fn incident(of: usize, by: usize, began: i64, resolved: Option<i64>) -> Against {
    let id = |text: String| DeploymentId::parse(&text).unwrap();
    let at = |minutes: i64| noon().plus_millis(-minutes * super::MINUTE);
    Against {
        deployment_id: id(format!("d-{of}")),
        how: How::Incident,
        at: at(began),
        over_at: resolved.map(at),
        by: id(format!("incident:{by}")),
    }
}

fn dora(figures: &[Figures], incidents: Vec<Against>) -> Dora {
    question(11 * 24, None, None).answer(&facts(figures, incidents)).dora
}

/// Ten deployments, one a day: <https://gitlab.com/gitlab-org/gitlab/-/issues/444295>. GitLab divides incidents by
/// deployments; the issue says what would be right.
#[test]
fn two_incidents_of_one_deployment_are_one_change_failure() {
    let ten: Vec<Figures> =
        (1..=10).rev().map(|day| deployment("cart", day * DAY, &[(day * DAY - 5, "COMPLETED")])).collect();
    let first = 10 * DAY - 60;
    for (incidents, gitlab, ours) in [
        (vec![incident(0, 1, first, None), incident(9, 2, DAY - 60, None)], 20.0, 20.0),
        (vec![incident(0, 1, first, None), incident(0, 2, first - 30, None)], 20.0, 10.0),
    ] {
        assert!((incidents.len() as f64 / ten.len() as f64 * 100.0 - gitlab).abs() < 1e-9);
        assert_eq!(dora(&ten, incidents).change_failure_rate, Some(ours));
    }
}

/// One deployment with two incidents: <https://gitlab.com/gitlab-org/gitlab/-/issues/480920> expects 100 %, and
/// <https://github.com/apache/devlake/issues/4610> that no rate is above it.
#[test]
fn no_rate_is_above_a_hundred_percent() {
    let one = [deployment("cart", 100, &[(90, "COMPLETED")])];
    let both = vec![incident(0, 1, 80, Some(70)), incident(0, 2, 75, Some(60))];
    let found = dora(&one, both);
    assert_eq!((found.change_failure_rate, found.change_failures.total), (Some(100.0), 1));
    // One recovery: from the first to the earliest end.
    assert_eq!(found.median_time_to_restore_seconds, Some(600.0));
}

/// Deployed at 10:00, an incident from 10:20 to 11:00: <https://devlake.apache.org/docs/Metrics/FailedDeploymentRecoveryTime>
/// counts from the deployment, an hour. We count from when it went wrong.
#[test]
fn a_recovery_begins_with_the_incident_and_in_devlake_with_the_deployment() {
    let ten_o_clock = 120;
    let deployed = deployment("cart", ten_o_clock + 5, &[(ten_o_clock, "COMPLETED")]);
    let incident = incident(0, 1, ten_o_clock - 20, Some(ten_o_clock - 60));
    let devlake = incident.over_at.unwrap().seconds_since(deployed.finished_at);
    assert!((devlake - 3600.0).abs() < 1e-9);
    assert_eq!(dora(&[deployed], vec![incident]).median_time_to_restore_seconds, Some(2400.0));
}

/// Five deployments of which two had incidents are 40 % (<https://devlake.apache.org/zh/docs/v0.17/Metrics/CFR>).
/// A deployment that breaks, and is fixed by what follows: rework is what was deployed to recover
/// (<https://dora.dev/guides/dora-metrics/>: deployments that were not planned, made because of an incident).
#[test]
fn rework_is_what_was_deployed_until_the_service_was_restored() {
    let landed = |minutes: i64| deployment("cart", minutes + 1, &[(minutes, "COMPLETED")]);
    // One works, one breaks by an incident, a fix breaks too, the next restores, the last is planned.
    let five = [landed(500), landed(400), landed(300), landed(200), landed(100)];
    let incidents = vec![incident(1, 1, 390, None), incident(2, 2, 290, None)];
    let found = dora(&five, incidents);
    assert_eq!((found.change_failure_rate, found.deployment_rework_rate), (Some(40.0), Some(40.0)));
    // Of 190 and 90 minutes the lower.
    assert_eq!(found.median_time_to_restore_seconds, Some(5400.0));
}
