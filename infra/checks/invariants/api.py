"""What the access log holds. Throttling and authorization are in rules/api.guard."""

import json


def access_logs_are_json(installation):
    """A line that is not JSON can't be queried, and one with the path in it holds callers' text."""
    for stage in installation.of_type("AWS::ApiGatewayV2::Stage"):
        line = stage.properties.get("AccessLogSettings", {}).get("Format", "")
        try:
            fields = json.loads(line)
        except ValueError as error:
            yield f"{stage}: its access log's format is not JSON: {error}"
            continue
        for name, value in fields.items():
            if value in ("$context.path", "$context.http.path"):
                yield f"{stage}: its access log holds the path, in {name}"
