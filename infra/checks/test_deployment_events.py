"""From the bus to the tables: what is recorded, what is set aside, and what is lost: nothing."""

import json
import time
from pathlib import Path

import pytest

from calling import call
from subscribing import Subscriber
from waiting import until

EVENTS = Path(__file__).parents[2] / "events"


def kinds_of_aws():
    """A sample of each kind of event of AWS services that is recorded, with the deployment that it is of."""
    kinds = {}
    for file, becomes in json.loads((EVENTS / "expected.json").read_text()).items():
        if becomes["door"] != "queue" or "recorded" not in becomes["outcome"]:
            continue
        event = json.loads((EVENTS / file).read_text())
        if event.get("source", "").startswith("aws.") and "detail-type" in event:
            kinds.setdefault(event["detail-type"], (becomes["outcome"]["recorded"], event))
    return kinds


KINDS_OF_AWS = kinds_of_aws()


def recorded(installation, deployment):
    """A deployment's events, in order."""
    rows = installation.rows("HistoryTable", f"DEPLOYMENT#{deployment}")
    return sorted(rows, key=lambda row: row["sequence"])


def test_events_on_the_bus_are_recorded(installation):
    story = [
        {"status": "IN_PROGRESS", "service": "bus", "environment": "recorded", "version": "1.2.3"},
        {"status": "VALIDATING", "stage": "Smoke tests"},
        {"status": "COMPLETED", "metrics": {"healthScore": 100}},
    ]
    for number, reported in enumerate(story, start=1):
        installation.put_event({"deploymentId": "bus-1", "occurredAt": f"2026-01-15T10:0{number}:00Z"} | reported)
        until(lambda: len(recorded(installation, "bus-1")) >= number, f"event {number} is recorded")

    rows = recorded(installation, "bus-1")
    assert [(row["sequence"], json.loads(row["payload"])) for row in rows] == [
        (
            number,
            {"deploymentId": "bus-1", "type": "deployment", "attempt": 1, "source": "native"}
            | {"occurredAt": f"2026-01-15T10:0{number}:00.000Z"}
            | reported,
        )
        for number, reported in enumerate(story, start=1)
    ]
    assert [row.get("previousHash") for row in rows] == [None, rows[0]["hash"], rows[1]["hash"]]
    assert {row["producer"] for row in rows} == {"eventbridge:123456789012:example.pipeline"}

    [state] = installation.rows("StateTable", "DEPLOYMENT#bus-1")
    assert [state["sk"], state["ended"], state["sequence"], state["headHash"]] == [
        *("SUMMARY", "COMPLETED", 3, rows[2]["hash"])
    ]
    assert json.loads(installation.rows("StateTable", "LIVE#recorded")[0]["cell"])["live"]["version"] == "1.2.3"


def test_the_same_event_put_twice_is_recorded_once(installation):
    reported = {"deploymentId": "twice-1", "status": "IN_PROGRESS", "occurredAt": "2026-01-15T10:00:00Z"}
    ended = {"deploymentId": "twice-1", "status": "CANCELLED", "occurredAt": "2026-01-15T10:01:00Z"}
    for event in (reported, reported, ended, ended):
        installation.put_event(event)
    # The queue is empty when nothing waits and nothing is in work.
    until(lambda: waiting(installation, "events") == 0, "the queue is empty")
    statuses = [json.loads(row["payload"])["status"] for row in recorded(installation, "twice-1")]
    assert sorted(statuses) == ["CANCELLED", "IN_PROGRESS"]


def test_codepipelines_own_event_on_the_default_bus_is_recorded(installation):
    detail = {"pipeline": "orders-release", "execution-id": "0b9e6f3a-51c7", "state": "SUCCEEDED", "version": 3.0}
    kind = "CodePipeline Pipeline Execution State Change"
    installation.put_event(detail, bus="default", source="aws.codepipeline", detail_type=kind)

    [row] = until(lambda: recorded(installation, "0b9e6f3a-51c7"), "the execution is recorded")
    assert json.loads(row["payload"]) == {
        "deploymentId": "0b9e6f3a-51c7",
        "service": "orders-release",
        "status": "COMPLETED",
        "type": "deployment",
        "attempt": 1,
        "source": "aws.codepipeline",
        "occurredAt": json.loads(row["payload"])["occurredAt"],
    }


@pytest.mark.parametrize("kind", KINDS_OF_AWS)
def test_what_aws_services_tell_on_the_default_bus_is_recorded(installation, kind):
    """Each kind in a second of its own: the bus tells the time in seconds, and "started" and "a step was taken",
    said of one deployment in one second, are one event."""
    deployment, event = KINDS_OF_AWS[kind]
    before = len(recorded(installation, deployment))
    second = int(time.time())
    until(lambda: int(time.time()) > second, "the next second begins")
    installation.put_event(event["detail"], "default", event["source"], kind, event.get("resources", ()))
    until(lambda: len(recorded(installation, deployment)) > before, "one more is recorded")


def test_a_build_is_recorded_where_a_rule_says_that_it_deploys(installation):
    def build(project):
        return {
            "build-status": "SUCCEEDED",
            "project-name": project,
            "build-id": f"arn:aws:codebuild:eu-central-1:123456789012:build/{project}:8745a7a9-c340-456a-9166",
            "current-phase": "COMPLETED",
            "current-phase-context": "[]",
            "version": "1",
            "additional-information": {
                "build-complete": True,
                "build-number": 7.0,
                "initiator": "rule/checkout",
                "build-start-time": "Jan 15, 2026 10:00:00 AM",
                "source-version": "main",
                "source": {"location": "https://github.com/shop/checkout.git", "type": "GITHUB"},
                "phases": [],
            },
        }

    for project in ("checkout-tests", "checkout-to-built"):
        installation.put_event(build(project), "default", "aws.codebuild", "CodeBuild Build State Change")

    def listed():
        return call(installation, "GET", "/v1/deployments?environment=built").body["items"]

    [item] = until(listed, "the build is listed")
    assert item["status"] == "COMPLETED"
    until(lambda: waiting(installation, "events") == 0, "the queue is empty")
    everything = json.dumps(call(installation, "GET", "/v1/deployments?limit=100").body)
    assert "checkout-to-built" in everything and "checkout-tests" not in everything


def test_rules_of_the_settings_say_where_a_pipeline_deploys_to(installation):
    detail = {"pipeline": "orders-to-ruled", "execution-id": "7c1d2e3f-6a7b", "state": "STARTED", "version": 1.0}
    kind = "CodePipeline Pipeline Execution State Change"
    installation.put_event(detail, bus="default", source="aws.codepipeline", detail_type=kind)

    [row] = until(lambda: recorded(installation, "7c1d2e3f-6a7b"), "the execution is recorded")
    reported = json.loads(row["payload"])
    assert (reported["service"], reported["environment"]) == ("orders", "ruled")


def test_what_cannot_be_read_is_quarantined_and_told(installation):
    subscriber = Subscriber(installation)
    installation.put_event({"deploymentId": "unread-1", "status": "DONE"}, source="example.unreadable")

    def listed():
        items = call(installation, "GET", "/v1/rejected").body["items"]
        return [item for item in items if "example.unreadable" in item["raw"]]

    [item] = until(listed, "the refusal is listed")
    assert (item["door"], item["reason"], item["errors"]) == (
        "queue",
        "invalid",
        [
            {
                "field": "status",
                "detail": "must be one of PENDING, IN_PROGRESS, VALIDATING, COMPLETED, CANCELLED, FAILED, ROLLED_BACK",
            }
        ],
    )
    assert json.loads(item["raw"])["detail"] == {"deploymentId": "unread-1", "status": "DONE"}
    assert recorded(installation, "unread-1") == []

    reported = subscriber.wait_for_alarm(f"{installation.name}-rejected")
    assert reported["Trigger"]["MetricName"] == "EventsRejected"
    assert installation.metric("EventsRejected", Environment="unknown") == (1, 1)
    assert installation.alarm("rejected")["StateValue"] == "ALARM"


def test_another_event_under_a_known_id_is_quarantined_as_a_conflict(installation):
    subscriber = Subscriber(installation)
    reported = {"deploymentId": "conflict-1", "eventId": "one", "status": "CANCELLED"}
    installation.put_event(reported)
    until(lambda: recorded(installation, "conflict-1"), "the first is recorded")
    installation.put_event(reported | {"notes": "something else"})

    subscriber.wait_for_alarm(f"{installation.name}-conflicts")
    assert installation.metric("EventsConflicting", Environment="unknown") == (1, 1)
    assert len(recorded(installation, "conflict-1")) == 1


def test_what_fails_five_times_waits_as_a_dead_letter_and_is_recorded_when_redriven(installation, emulator):
    iam, sqs, queue = emulator.client("iam"), emulator.client("sqs"), installation.queue_url("events")
    role = emulator.client("lambda").get_function(FunctionName=installation.processor)["Configuration"]["Role"]
    outage = {"RoleName": role.rsplit("/", 1)[1], "PolicyName": "outage"}
    denial = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}}

    # The tables can't be reached; five tries are made in seconds instead of minutes.
    iam.put_role_policy(**outage, PolicyDocument=json.dumps(denial))
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "1"})
    try:
        installation.put_event({"deploymentId": "dead-1", "status": "CANCELLED"})
        until(lambda: waiting(installation, "dead-letters") == 1, "there is a dead letter", seconds=60)
    finally:
        sqs.set_queue_attributes(QueueUrl=queue, Attributes={"VisibilityTimeout": "180"})
        iam.delete_role_policy(**outage)

    assert recorded(installation, "dead-1") == []
    dead = installation.queue_url("dead-letters")
    [letter] = sqs.receive_message(QueueUrl=dead, MessageSystemAttributeNames=["All"])["Messages"]
    assert int(letter["Attributes"]["ApproximateReceiveCount"]) >= 5
    sqs.send_message(QueueUrl=queue, MessageBody=letter["Body"])
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=letter["ReceiptHandle"])

    [row] = until(lambda: recorded(installation, "dead-1"), "the letter is recorded")
    assert json.loads(row["payload"])["status"] == "CANCELLED"


def waiting(installation, purpose):
    """How many messages one of the installation's queues holds, those in work included."""
    kinds = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = installation.emulator.client("sqs").get_queue_attributes(
        QueueUrl=installation.queue_url(purpose), AttributeNames=kinds
    )
    return sum(int(found["Attributes"][kind]) for kind in kinds)
