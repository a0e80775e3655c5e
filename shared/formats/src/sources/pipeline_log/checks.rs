//! What logs say beside deployments and stages, and what is a stage all the same: health checks, tests and
//! shifts of traffic.

/// The stage that a word names, and what remains of it: how that went. Nothing of other words.
///
/// `smoke_tests_passed` is the stage `SMOKE_TEST`, and `passed`; however traffic is shifted, the stage is
/// `TRAFFIC`.
pub(super) fn check(name: &str) -> Option<(String, String)> {
    let name = ["post_deployment_", "deployment_", "deploy_"]
        .iter()
        .find_map(|about| name.strip_prefix(about))
        .unwrap_or(name);
    let words: Vec<&str> = name.split('_').collect();
    // A word about deployments has a meaning of its own, or none that is known.
    if words.iter().any(|word| word.contains("deploy") || word.contains("roll")) {
        return None;
    }
    let place =
        words.iter().position(|word| matches!(*word, "health" | "healthcheck" | "test" | "tests" | "traffic"))?;
    match words[place] {
        "traffic" => {
            let rest =
                words[place + 1..].iter().filter(|word| !matches!(**word, "shift" | "shifted" | "switch" | "switched"));
            Some(("TRAFFIC".to_owned(), rest.copied().collect::<Vec<_>>().join("_")))
        }
        "health" | "healthcheck" => {
            let rest = words[place + 1..].iter().filter(|word| !matches!(**word, "check" | "checks"));
            Some(("HEALTH_CHECK".to_owned(), rest.copied().collect::<Vec<_>>().join("_")))
        }
        _ => {
            let name = words[..place].iter().chain(&["test"]).copied().collect::<Vec<_>>().join("_");
            Some((name.to_ascii_uppercase(), words[place + 1..].join("_")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn a_check_is_named_the_same_however_it_went() {
        for (name, expected) in [
            ("health_check", Some(("HEALTH_CHECK", ""))),
            ("health_check_passed", Some(("HEALTH_CHECK", "passed"))),
            ("healthcheck_failed", Some(("HEALTH_CHECK", "failed"))),
            ("deployment_health_check_started", Some(("HEALTH_CHECK", "started"))),
            ("tests_passed", Some(("TEST", "passed"))),
            ("test_complete", Some(("TEST", "complete"))),
            ("smoke_tests_in_progress", Some(("SMOKE_TEST", "in_progress"))),
            ("traffic_shift_started", Some(("TRAFFIC", "started"))),
            ("traffic_shifted", Some(("TRAFFIC", ""))),
            ("test_deployment_started", None),
            ("traffic_rollback", None),
            ("build_complete", None),
            ("contest_started", None),
            ("", None),
        ] {
            let expected = expected.map(|(stage, verb)| (stage.to_owned(), verb.to_owned()));
            assert_eq!(check(name), expected, "{name}");
        }
    }
}
