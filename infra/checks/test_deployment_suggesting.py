"""What is told to be bad is suggested on the default bus, once, and does not come back."""

import json
import uuid

from calling import call
from conftest import RULES
from waiting import until


class Catcher:
    """A queue that a rule on the default bus fills, as a team's own would."""

    def __init__(self, installation):
        self.sqs = installation.emulator.client("sqs")
        name = f"catcher-{uuid.uuid4()}"
        self.url = self.sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        events = installation.emulator.client("events")
        pattern = {"source": ["deployment-status"], "detail-type": ["Rollback Suggested"]}
        rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            },
        }
        self.sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        self.received = []

    def receive(self):
        """Everything that came until now."""
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
                self.received.append(json.loads(message["Body"]))
        return self.received


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
