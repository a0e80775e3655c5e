//! Every route that this function serves.

use api::Problem;
use api::routes::{Function, ROUTES, Route};
use api::{Request, Response};
use domain::identifiers::Identifier as _;
use domain::{DeploymentId, Timestamp};
use store::ReadItems;

use crate::answer::{Answer, json, respond};
use crate::parameters::Parameters;
use crate::{Failed, StatusQuery};

/// The OpenAPI document, as it is checked in; a test compares it with
/// [`openapi`](api::openapi::openapi).
pub const OPENAPI: &str = include_str!("../../../docs/openapi.json");

impl<S: ReadItems> StatusQuery<S> {
    pub(crate) async fn respond(&self, request: &Request, now: Timestamp) -> Result<Response, Failed> {
        let Some((route, id)) = find(&request.path) else {
            let problem = Problem::new(404, "there is no such route; see GET /openapi.json");
            return Ok(Response::problem(&problem, &request.id));
        };
        if request.method != route.method {
            let problem = Problem::new(405, format!("{} is not allowed here; use {}", request.method, route.method));
            return Ok(Response::problem(&problem, &request.id).with("allow", route.method));
        }
        respond(request, self.answer(request, route, id, now).await)
    }

    async fn answer(&self, request: &Request, route: &Route, id: Option<&str>, now: Timestamp) -> Answer {
        let parameters = Parameters::new(request, route, id.unwrap_or_default())?;
        let id = id.map(DeploymentId::parse).transpose();
        let id = id.map_err(|invalid| Problem::wrong_field("deploymentId", invalid.to_string()))?;
        match (route.operation, id) {
            ("listDeployments", _) => self.list_deployments(parameters).await,
            ("listActiveDeployments", _) => self.list_active(parameters).await,
            ("getDeployment", Some(id)) => self.deployment(&id).await,
            ("listDeploymentEvents", Some(id)) => {
                self.deployment_events(&id, parameters, request.address.as_deref()).await
            }
            ("verifyDeployment", Some(id)) => self.verify(&id, now).await,
            ("listIncidents", _) => self.list_incidents(parameters).await,
            ("listLive", _) => self.list_live(parameters).await,
            ("getMetrics", _) => self.metrics(parameters, now).await,
            ("getCatalog", _) => self.catalog(parameters).await,
            ("listRejected", _) => self.list_rejected(parameters, now).await,
            ("getOpenapi", _) => Ok(OPENAPI.to_owned()),
            ("getHealth", _) => json(&serde_json::json!({"status": "ok"})),
            ("getRoot", _) => json(&serde_json::json!({
                "name": "Deployment Status",
                "routes": ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>(),
            })),
            _ => Err(Problem::new(404, "there is no such route; see GET /openapi.json").into()),
        }
    }
}

/// The route of a path, and the deployment's id where it names one. An id can contain `/`: it is
/// what stands between the prefix and `/events` or `/verify`.
fn find(path: &str) -> Option<(&'static Route, Option<&str>)> {
    let served =
        |wanted: &str| ROUTES.iter().find(|route| route.path == wanted && route.function == Function::StatusQuery);
    if let Some(route) = served(path).filter(|route| !route.path.contains('{')) {
        return Some((route, None));
    }
    let rest = path.strip_prefix("/v1/deployments/")?;
    let (id, route) = if let Some(id) = rest.strip_suffix("/events") {
        (id, "/v1/deployments/{deploymentId}/events")
    } else if let Some(id) = rest.strip_suffix("/verify") {
        (id, "/v1/deployments/{deploymentId}/verify")
    } else {
        (rest, "/v1/deployments/{deploymentId}")
    };
    served(route).map(|route| (route, Some(id)))
}
