"""What the access log holds, and what strangers may use up. The rest of it is in rules/api.guard."""

import json
import re

from templates import NothingToCheck, listed

STAGE, ROUTE = "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Route"

# What API Gateway writes for a variable that has no value; a message comes in quotes of its own.
NO_VALUE, QUOTED = "-", {"context.error.messageString": '"-"'}

# What API Gateway, IAM or the issuer of a token chose. What a caller did, such as the path, the host
# or the user agent, is not there: it can hold anything, and in JSON end the value that it stands in.
NOT_OF_CALLERS = {
    "context.accountId",
    "context.apiId",
    "context.authorizer.claims.sub",
    "context.error.message",
    "context.error.messageString",
    "context.error.responseType",
    "context.extendedRequestId",
    "context.identity.accountId",
    "context.identity.caller",
    "context.identity.sourceIp",
    "context.identity.user",
    "context.identity.userArn",
    "context.integration.error",
    "context.integration.latency",
    "context.integration.status",
    "context.integrationErrorMessage",
    "context.integrationLatency",
    "context.integrationStatus",
    "context.requestId",
    "context.requestTime",
    "context.requestTimeEpoch",
    "context.responseLatency",
    "context.responseLength",
    "context.routeKey",
    "context.stage",
    "context.status",
}
VARIABLE = re.compile(r"\$(\{?(?:\w+(?:\.\w+)*)?)")


def access_logs_are_json(installation):
    """A line that is not JSON can't be queried."""
    for stage, line in _formats(installation):
        sample = VARIABLE.sub(lambda variable: QUOTED.get(variable[1], NO_VALUE), line)
        try:
            fields = json.loads(sample)
        except ValueError as error:
            yield f"{stage}: its access log's lines are not JSON: {error}"
        else:
            if not isinstance(fields, dict):
                yield f"{stage}: its access log's lines have no fields"


def access_logs_hold_no_text_of_callers(installation):
    """The log is kept longer than what callers send, and read by whom it was not sent to."""
    for stage, line in _formats(installation):
        for variable in VARIABLE.findall(line):
            if variable not in NOT_OF_CALLERS:
                yield f"{stage}: its access log holds ${variable}, which callers may choose"


def every_open_route_has_a_limit_of_its_own(installation):
    """With a shared limit, callers without authentication could use up the limit of the others."""
    opened = [
        route for route in installation.of_type(ROUTE)
        if "NONE" in _branches(route.properties.get("AuthorizationType", "NONE"))
    ]
    if not opened:
        raise NothingToCheck("no route is open")
    for route in opened:
        for stage in _stages(installation, route):
            limits = stage.properties.get("RouteSettings", {}).get(route.properties["RouteKey"], {})
            for name in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
                limit = limits.get(name)
                if not isinstance(limit, (int, float)) or limit <= 0:
                    yield f"{route}: is open, and {stage.name} gives it no {name} of its own"


def every_limit_of_a_route_comes_after_it(installation):
    """API Gateway refuses settings of a route that is not there, or not there yet."""
    limited = [stage for stage in installation.of_type(STAGE) if stage.properties.get("RouteSettings")]
    if not limited:
        raise NothingToCheck("no stage has settings for a route")
    for stage in limited:
        before = {
            route.properties["RouteKey"]
            for route in installation.of_type(ROUTE)
            if route.template == stage.template and route.name in listed(stage.body.get("DependsOn"))
        }
        for key in stage.properties["RouteSettings"].keys() - before:
            yield f"{stage}: has settings for {key}, and is not made after a route of that name"


def _formats(installation):
    return [
        (stage, str(stage.properties.get("AccessLogSettings", {}).get("Format", "")))
        for stage in installation.of_type(STAGE)
    ]


def _stages(installation, route):
    api = installation.meant_by(route.template, route.properties["ApiId"])
    return [
        stage for stage in installation.of_type(STAGE)
        if installation.meant_by(stage.template, stage.properties["ApiId"]) == api
    ]


def _branches(value):
    if isinstance(value, dict):
        return [found for branch in value.get("Fn::If", [])[1:] for found in _branches(branch)]
    return [value]
