//! Names of environments, services and deployments: suggestions for misspelt ones.

use api::{Catalog, ListedDeployment, Page, StoredSettings};
use domain::fields::Unknown;
use domain::identifiers::{Identifier as _, normalised};
use domain::{Environment, Service, Settings};
use serde::{Deserialize, Serialize};

use crate::api::{Api, next_page};
use crate::failure::{Exit, Failure};
use crate::output::shown;

/// How many names are suggested.
const MOST: usize = 3;
/// How similar a name must be to be suggested (Jaro-Winkler, 0 to 1).
const SIMILAR: f64 = 0.8;

/// All environments and services.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Names {
    /// The environments.
    pub(crate) environments: Vec<String>,
    /// The services.
    pub(crate) services: Vec<String>,
}

impl Names {
    /// All names in the catalog.
    ///
    /// # Errors
    /// When the API does not answer.
    pub(crate) fn fetch(api: &Api) -> Result<Self, Failure> {
        let mut names = Self::default();
        let mut cursor: Option<String> = None;
        loop {
            let query = [("limit", Some("100")), ("cursor", cursor.as_deref())];
            let page: Catalog = api.get("/v1/catalog", &query)?.value;
            names.environments = page.environments;
            names.services.extend(page.services.into_iter().map(|service| service.service));
            if !next_page(&mut cursor, page.next_cursor)? {
                return Ok(names);
            }
        }
    }
}

/// Explains an empty answer: the environment or the service in the query may not exist.
///
/// # Errors
/// When one does not exist (exit code 3), with similar names; or when the API does not answer.
pub(crate) fn must_exist(api: &Api, environment: Option<&str>, service: Option<&str>) -> Result<(), Failure> {
    if environment.is_none() && service.is_none() {
        return Ok(());
    }
    let names = Names::fetch(api)?;
    for (kind, wanted, known) in
        [("environment", environment, &names.environments), ("service", service, &names.services)]
    {
        // The server's names are in this form.
        let Some(wanted) = wanted.map(normalised) else { continue };
        if known.iter().any(|name| *name == wanted) || is_alias(api, kind, &wanted) {
            continue;
        }
        let failure = Failure::new(Exit::NotFound, format!("no {kind} `{}`", shown(&wanted)));
        return Err(advise_near(failure, &wanted, known.iter().map(String::as_str)));
    }
    Ok(())
}

/// Whether the settings have a name of this kind as an alias. Settings that can't be read have none.
fn is_alias(api: &Api, kind: &str, wanted: &str) -> bool {
    let settings = api.get::<StoredSettings>("/v1/settings", &[]).ok();
    let settings = settings.and_then(|stored| Settings::read(stored.value.settings, Unknown::Ignored).ok());
    let names = settings.map(|settings| settings.names()).unwrap_or_default();
    match kind {
        "environment" => Environment::parse(wanted).is_ok_and(|name| *names.environments.resolve(&name) != name),
        _ => Service::parse(wanted).is_ok_and(|name| *names.services.resolve(&name) != name),
    }
}

/// Adds similar ids to the error that a deployment was not found.
pub(crate) fn advise_deployments(api: &Api, wanted: &str, failure: Failure) -> Failure {
    if !failure.is(Exit::NotFound) {
        return failure;
    }
    // If this request fails too, the first error is still the one to report.
    let latest = api.get::<Page<ListedDeployment>>("/v1/deployments", &[("limit", Some("100"))]);
    let latest = latest.map(|answer| answer.value.items).unwrap_or_default();
    advise_near(failure, wanted, latest.iter().map(|deployment| deployment.deployment_id.as_str()))
        .advise("`deployment-status history` lists the latest deployments.")
}

fn advise_near<'a>(failure: Failure, wanted: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let near = near(wanted, known);
    match near.as_slice() {
        [] => failure,
        [only] => failure.advise(format!("Did you mean {}?", shown(only))),
        [all @ .., last] => failure.advise(format!("Did you mean {} or {}?", shown(&all.join(", ")), shown(last))),
    }
}

/// The names that are similar to the wanted one, or contain it, best first.
pub(crate) fn near<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = wanted.to_lowercase();
    let similarity = |name: &&str| {
        let name = name.to_lowercase();
        if wanted.len() > 2 && name.contains(&wanted) { 1.0 } else { strsim::jaro_winkler(&wanted, &name) }
    };
    let mut rated: Vec<(f64, &str)> =
        known.map(|name| (similarity(&name), name)).filter(|(rate, _)| *rate >= SIMILAR).collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    rated.into_iter().map(|(_, name)| name).take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn similar_names_are_suggested_and_others_are_not() {
        let known = ["development", "production", "staging"];
        assert_eq!(near("prodution", known.into_iter()), ["production"]);
        assert_eq!(near("PROD", known.into_iter()), ["production"]);
        assert!(near("blue", known.into_iter()).is_empty());
        let ids = ["checkout-production-2.8.0", "checkout-production-2.8.1", "payments-staging-1.19.0"];
        assert_eq!(near("checkout-production-2.8", ids.into_iter()), ids[..2]);
    }
}
