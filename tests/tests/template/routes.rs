//! Routes: what the gateway lets in is what the routers serve and the OpenAPI document describes, each
//! with its function, and for those only whom it is for.

use api::routes::{Function, ROUTES};
use pages::served::SERVED;
use serde_json::Value;
use tests::webhooks::webhooks;

use super::drift::{self, Described, expect_none, expect_one};
use super::templates::{Installation, Templates, WITH_LOGIN, WITH_TOKENS};

/// The routes below this path are one to the gateway: a deployment's id may contain slashes.
const BELOW_DEPLOYMENTS: &str = "/v1/deployments/";
const GREEDY: &str = "GET /v1/deployments/{proxy+}";
/// Whatever else is asked: status-query answers what there is.
const OTHERWISE: &str = "$default";

/// How callers prove who they are: `AWS_IAM` or `JWT`, by the installation's parameter.
fn served(authorization: &str) -> Described {
    served_with(authorization, authorization)
}

fn named(function: Function) -> &'static str {
    match function {
        Function::EventProcessor => "EventProcessor",
        Function::StatusQuery => "StatusQuery",
    }
}

/// The same, where people prove otherwise who they are when they ask for pages.
fn served_with(authorization: &str, pages: &str) -> Described {
    let open = |path: &str| path == "/healthz" || path.starts_with("/v1/webhooks/");
    let routes = ROUTES.iter().flat_map(|route| route.paths(&webhooks()).into_iter().map(move |path| (route, path)));
    let routes = routes.map(|(route, path)| {
        let function = named(route.function);
        let who = if open(&path) { "NONE" } else { authorization };
        let key = match path.strip_prefix(BELOW_DEPLOYMENTS) {
            Some(_) => format!("{} {BELOW_DEPLOYMENTS}{{proxy+}}", route.method.as_str()),
            // A release's name can have slashes in it.
            None => format!("{} {}", route.method.as_str(), path.replace("{release}", "{release+}")),
        };
        (key, format!("{function}, {who}"))
    });
    let otherwise = (OTHERWISE.to_owned(), format!("StatusQuery, {authorization}"));
    // The root is a page and a route of the API; nothing is told at it that is not in the document.
    let shown = SERVED.iter().map(|served| {
        let key = format!("{} {}", served.method, served.path);
        (key, format!("{}, {pages}", named(served.by)))
    });
    routes.chain([otherwise]).chain(shown).collect()
}

/// The path of the stack whose function an integration invokes.
fn function<'a>(installation: &'a Installation, route: &Value) -> Option<&'a str> {
    let integration = route["Target"].as_str()?.strip_prefix("integrations/<")?.strip_suffix('>')?;
    let integration = &installation.0.get(integration)?.properties;
    // The function refuses another format's payload, and the gateway may invoke only what says so.
    let permitted = |alias: &str| {
        installation.of_kind("AWS::Lambda::Permission").any(|(_, permission)| {
            permission["FunctionName"] == alias
                && permission["Principal"] == "apigateway.amazonaws.com"
                && permission["Action"] == "lambda:InvokeFunction"
        })
    };
    let mut functions = installation.of_kind("AWS::Serverless::Function");
    let invoked = functions.find(|(path, _)| {
        let alias = installation.attribute(path, "Alias");
        alias.is_some_and(|alias| integration["IntegrationUri"] == alias && permitted(&alias))
    });
    let (path, _) = invoked.filter(|_| integration["PayloadFormatVersion"] == "2.0")?;
    path.strip_suffix(".Function")
}

fn routed(installation: &Installation) -> Described {
    let routes = installation.of_kind("AWS::ApiGatewayV2::Route").map(|(path, route)| {
        let who = route["AuthorizationType"].as_str().unwrap_or("nobody says who");
        let issuer = installation.of_kind("AWS::ApiGatewayV2::Authorizer").find(|(path, authorizer)| {
            route["AuthorizerId"] == format!("<{path}>") && authorizer["JwtConfiguration"]["Issuer"].is_string()
        });
        let who = if who == "JWT" && issuer.is_none() { "JWT of nobody" } else { who };
        let function = function(installation, route).unwrap_or("nothing that may be invoked");
        (route["RouteKey"].as_str().unwrap_or(path).to_owned(), format!("{function}, {who}"))
    });
    routes.collect()
}

pub(crate) fn check(installation: &Installation, authorization: &str) -> Vec<String> {
    drift::between("routes", &served(authorization), &routed(installation))
}

/// The limits of open routes are their own: else strangers use up those of the others.
fn check_limits(installation: &Installation) -> Vec<String> {
    let limits = &installation.properties("Api.Stage")["RouteSettings"];
    let routes = installation.of_kind("AWS::ApiGatewayV2::Route");
    let open = routes.filter(|(_, route)| route["AuthorizationType"] == "NONE");
    let keys = open.filter_map(|(_, route)| route["RouteKey"].as_str());
    let limited =
        |key: &str| limits[key]["ThrottlingRateLimit"].is_u64() && limits[key]["ThrottlingBurstLimit"].is_u64();
    keys.filter(|key| !limited(key)).map(|key| format!("{key} is open without limits of its own")).collect()
}

/// The methods and paths of the document that callers get, against the routers' table.
pub(crate) fn check_document(document: &Value) -> Vec<String> {
    let described = |method: &str, path: &str| (format!("{} {path}", method.to_uppercase()), "a route".to_owned());
    let paths = document["paths"].as_object().into_iter().flatten();
    let documented = paths.flat_map(|(path, operations)| {
        operations.as_object().into_iter().flatten().map(move |(method, _)| described(method, path))
    });
    let routes: Described = ROUTES
        .iter()
        .flat_map(|route| route.paths(&webhooks()).into_iter().map(|path| described(route.method.as_str(), &path)))
        .collect();
    drift::between("docs/openapi.json", &routes, &documented.collect())
}

fn with_tokens() -> Installation {
    Templates::read().deploy(&WITH_TOKENS).unwrap()
}

#[test]
fn the_gateway_lets_in_what_the_functions_serve() {
    expect_none(&check(&Installation::production(), "AWS_IAM"));
    expect_none(&check(&with_tokens(), "JWT"));
    for (authorization, more) in [("AWS_IAM", &[][..]), ("JWT", &WITH_TOKENS[..])] {
        let installation = Templates::read().deploy(&[&WITH_LOGIN, more].concat()).unwrap();
        let opened = served_with(authorization, "NONE");
        expect_none(&drift::between("routes", &opened, &routed(&installation)));
        expect_none(&check_limits(&installation));
    }
    assert!(served("AWS_IAM").contains_key(GREEDY));
}

#[test]
fn the_document_describes_what_the_functions_serve() {
    let document: Value = serde_json::from_str(status_query::document::openapi().unwrap()).unwrap();
    expect_none(&check_document(&document));
    let mut lacking = document;
    lacking["paths"].as_object_mut().unwrap().remove("/v1/live");
    expect_one(&check_document(&lacking), &["docs/openapi.json", "lacks GET /v1/live"]);
}

#[test]
fn a_route_that_is_missing_or_leads_elsewhere_is_found() {
    for (path, says) in [
        ("Api.LiveRoute", "lacks GET /v1/live"),
        ("Api.DeploymentRoute", "lacks GET /v1/deployments/{proxy+}"),
        ("Api.OtherwiseRoute", "lacks $default"),
    ] {
        let mut installation = Installation::production();
        installation.0.remove(path).unwrap();
        expect_one(&check(&installation, "AWS_IAM"), &[says]);
    }
    for (path, property, value, says) in [
        ("Api.RejectedRoute", "AuthorizationType", "NONE", "GET /v1/rejected is StatusQuery, NONE in the template"),
        ("Api.HealthRoute", "AuthorizationType", "AWS_IAM", "GET /healthz is StatusQuery, AWS_IAM in the template"),
        (
            "Api.CatalogRoute",
            "Target",
            "integrations/<Api.EventProcessorIntegration>",
            "GET /v1/catalog is EventProcessor, AWS_IAM in the template",
        ),
        ("Api.CatalogRoute", "Target", "integrations/<Api.Other>", "GET /v1/catalog is nothing that may be invoked"),
    ] {
        let mut installation = Installation::production();
        installation.properties_mut(path)[property] = value.into();
        expect_one(&check(&installation, "AWS_IAM"), &[says]);
    }
}

#[test]
fn a_route_that_nobody_serves_is_found() {
    let mut installation = Installation::production();
    let mut route = installation.0["Api.LiveRoute"].clone();
    route.properties["RouteKey"] = "DELETE /v1/live".into();
    installation.0.insert("Api.DeleteRoute".to_owned(), route);
    expect_one(&check(&installation, "AWS_IAM"), &["DELETE /v1/live (StatusQuery, AWS_IAM) is in the template only"]);
}

#[test]
fn a_gateway_that_may_not_invoke_or_trusts_nobody_is_found() {
    let leading_there = served("AWS_IAM").values().filter(|served| served.starts_with("EventProcessor")).count();
    for (path, value) in
        [("/PayloadFormatVersion", "1.0"), ("/IntegrationUri", "arn:aws:lambda:x:1:function:other:live")]
    {
        let mut installation = Installation::production();
        *installation.properties_mut("Api.EventProcessorIntegration").pointer_mut(path).unwrap() = value.into();
        let complaints = check(&installation, "AWS_IAM");
        assert_eq!(complaints.len(), leading_there, "all routes to it: {complaints:#?}");
    }
    let mut installation = Installation::production();
    installation.0.remove("Api.EventProcessorPermission").unwrap();
    assert_eq!(check(&installation, "AWS_IAM").len(), leading_there);
    let mut installation = with_tokens();
    installation.0.remove("Api.Authorizer").unwrap();
    let complaints = check(&installation, "JWT");
    let trusting = served("JWT").values().filter(|who| who.ends_with("JWT")).count();
    assert_eq!(complaints.len(), trusting, "{complaints:#?}");
    assert!(complaints[0].contains("JWT of nobody"), "{complaints:#?}");
}

#[test]
fn a_page_that_stands_open_without_a_login_or_without_limits_is_found() {
    let mut installation = Installation::production();
    installation.properties_mut("Api.MatrixPageRoute")["AuthorizationType"] = "NONE".into();
    expect_one(&check(&installation, "AWS_IAM"), &["GET /live is StatusQuery, NONE in the template"]);
    let mut installation = Templates::read().deploy(&WITH_LOGIN).unwrap();
    let limits = installation.properties_mut("Api.Stage")["RouteSettings"].as_object_mut().unwrap();
    limits.remove("GET /live").unwrap();
    expect_one(&check_limits(&installation), &["GET /live is open without limits"]);
    // The API's own routes stay as they are.
    let api = routed(&Templates::read().deploy(&WITH_LOGIN).unwrap());
    let open: Vec<&String> = api.iter().filter(|(_, who)| who.ends_with("NONE")).map(|(key, _)| key).collect();
    assert!(open.iter().all(|key| !key.contains(" /v1/") || key.contains("/webhooks/")), "{open:?}");
}
