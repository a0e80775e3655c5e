"""What is told to be bad is suggested on the default bus, once, and does not come back."""

import json

from calling import call
from conftest import RULES
from subscribing import Receiver
from waiting import until


class Catcher(Receiver):
    """Keeps what a rule on the default bus catches of suggestions."""

    def __init__(self, installation):
        super().__init__(installation)
        events = installation.emulator.client("events")
        pattern = {"source": ["deployment-status"], "detail-type": ["Rollback Suggested"]}
        rule = events.put_rule(Name=self.name, EventPattern=json.dumps(pattern))["RuleArn"]
        self.let("events.amazonaws.com", rule)
        events.put_targets(Rule=self.name, Targets=[{"Id": "queue", "Arn": self.arn}])


def test_what_is_bad_is_suggested_on_the_default_bus(installation):
    catcher = Catcher(installation)
    settings = {"environments": [{"name": "asking", "autoRollback": True}], "rollbackCommand": "deploy {version}"}
    assert call(installation, "PUT", "/v1/settings", settings | {"rules": RULES}).status == 201
    try:
        # Without times of their own they are of now: what is old is told to nobody.
        for deployment, version in [("back-1", "1"), ("back-2", "2")]:
            event = {"deploymentId": deployment, "service": "shop", "environment": "asking", "version": version}
            assert call(installation, "POST", "/v1/events", event | {"status": "COMPLETED"}).status == 201
        observed = {"type": "observation", "deploymentId": "back-2", "metrics": {"errorRate": 20}}
        answer = call(installation, "POST", "/v1/events", observed | {"occurredAt": now(installation, "back-2")})
        assert answer.status == 201, answer

        [event] = until(catcher.receive, "it is suggested", seconds=60)
        assert event["resources"] == [installation.outputs["TopicArn"]]
        detail = event["detail"]
        assert detail["suggestionId"] == "back-2##ROLLBACK_SUGGESTED"
        assert detail["suggested"] == {"deploymentId": "back-1", "version": "1", "commit": None}
        assert detail["rollbackCommand"] == "deploy 1"

        def shown():
            verdict = call(installation, "GET", "/v1/deployments/back-2").body["verdict"]
            return verdict.get("suggested", {}).get("sentAt") and verdict["suggested"]

        suggested = until(shown, "the answer says that it was sent")
        assert (suggested["suggestionId"], suggested["at"]) == (detail["suggestionId"], detail["at"])
        # It came back to nobody here.
        trail = call(installation, "GET", "/v1/deployments/back-2/events").body["items"]
        assert len(trail) == 1, trail
        assert "Rollback Suggested" not in call(installation, "GET", "/v1/rejected").text
        assert len(catcher.receive()) == 1
    finally:
        assert call(installation, "PUT", "/v1/settings", {"rules": RULES}).status == 201


def now(installation, deployment):
    """When a deployment landed, by the clock of the function: an observation needs a time."""
    return call(installation, "GET", f"/v1/deployments/{deployment}").body["finishedAt"]
