//! Which route a request is for.

use super::{Function, ROUTES, Route};

/// The route of a request.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The route.
    pub route: &'static Route,
    /// What stands where its path has a parameter; empty where it has none.
    pub parameter: &'a str,
}

/// Why no route serves a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRoute {
    /// Nothing is at this path.
    Path,
    /// The path has only these methods, in the order of the table.
    Method(Vec<&'static str>),
}

/// The route of `function` for a method and a decoded path.
///
/// A path without a parameter comes before one with. A parameter can contain `/`, as a deployment's id
/// can: it is what stands between what comes before and behind it in the longest template that fits.
///
/// # Errors
/// [`NoRoute`] says whether it is the path or the method.
pub fn find<'a>(function: Function, method: &str, path: &'a str) -> Result<Found<'a>, NoRoute> {
    let fits = |route: &'static Route| Some(Found { route, parameter: route.fits(path)? });
    let fitting: Vec<Found<'a>> = ROUTES.iter().filter_map(fits).collect();
    let of_function = fitting.iter().filter(|found| found.route.function == function);
    let best = of_function.max_by_key(|found| (found.route.parameter().is_none(), found.route.path.len()));
    let best = best.ok_or(NoRoute::Path)?.route.path;
    let here = || fitting.iter().filter(|found| found.route.path == best);
    let found = here().find(|found| found.route.function == function && found.route.method.as_str() == method);
    // What the other function serves here is allowed too.
    found.copied().ok_or_else(|| NoRoute::Method(here().map(|found| found.route.method.as_str()).collect()))
}

impl Route {
    /// What stands in `path` for the parameter, if the path is one of this route.
    fn fits<'a>(&self, path: &'a str) -> Option<&'a str> {
        let Some((before, rest)) = self.path.split_once('{') else { return (self.path == path).then_some("") };
        let behind = rest.split_once('}').map_or("", |(_, behind)| behind);
        path.strip_prefix(before)?.strip_suffix(behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::Operation;

    #[test]
    fn an_id_with_slashes_is_what_stands_between_and_a_route_without_a_parameter_comes_first() {
        use Operation::{
            GetDeployment, ListActiveDeployments, ListDeploymentEvents, ListDeployments, VerifyDeployment,
        };
        let at = |path| {
            let found = find(Function::StatusQuery, "GET", path).unwrap();
            (found.route.operation, found.parameter)
        };
        assert_eq!(at("/v1/deployments"), (ListDeployments, ""));
        assert_eq!(at("/v1/deployments/active"), (ListActiveDeployments, ""));
        assert_eq!(at("/v1/deployments/a/b:1"), (GetDeployment, "a/b:1"));
        assert_eq!(at("/v1/deployments/a/b/events"), (ListDeploymentEvents, "a/b"));
        assert_eq!(at("/v1/deployments/a/verify"), (VerifyDeployment, "a"));
        assert_eq!(at("/v1/deployments/"), (GetDeployment, ""));
        // As it stands in the table it is no path, but an id that can't be one.
        assert_eq!(at("/v1/deployments/{deploymentId}"), (GetDeployment, "{deploymentId}"));
    }

    #[test]
    fn another_path_and_another_method_are_distinct_and_each_function_has_its_own() {
        let find = |function, method, path| find(function, method, path).map(|found| found.route.operation);
        assert_eq!(find(Function::StatusQuery, "GET", "/v1/lives"), Err(NoRoute::Path));
        assert_eq!(find(Function::StatusQuery, "POST", "/v1/live"), Err(NoRoute::Method(vec!["GET"])));
        assert_eq!(find(Function::StatusQuery, "POST", "/v1/events"), Err(NoRoute::Path));
        assert_eq!(find(Function::EventProcessor, "POST", "/v1/events"), Ok(Operation::PostEvents));
        assert_eq!(find(Function::EventProcessor, "POST", "/v1/webhooks/github"), Ok(Operation::PostWebhook));
        assert_eq!(
            find(Function::EventProcessor, "POST", "/v1/webhooks/custom/azure"),
            Ok(Operation::PostCustomWebhook)
        );
        assert_eq!(find(Function::EventProcessor, "POST", "/v1/webhooks/custom"), Ok(Operation::PostWebhook));
    }
}
