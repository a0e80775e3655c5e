"""From the tables' stream to CloudWatch and SNS: what is published is what was recorded."""

from calling import call
from subscribing import Subscriber
from waiting import until

GAUGES = {"ActiveDeployments", "StuckDeployments"}


def report(installation, *events):
    """Reports events through the API, at once."""
    answer = call(installation, "POST", "/v1/events", list(events))
    assert answer.status == 200, answer
    assert [result["outcome"] for result in answer.body] == ["recorded"] * len(events), answer


def test_metrics_are_what_was_recorded(installation, emulator):
    def reported(deployment, clock, status, **more):
        known = {"service": "shop", "environment": "measured", "version": deployment}
        return {"deploymentId": deployment, "occurredAt": f"2026-01-15T{clock}Z", "status": status} | known | more

    build = {"type": "stage", "stage": "Build"}
    report(
        installation,
        reported("m-1", "10:00:00", "IN_PROGRESS"),
        reported("m-1", "10:00:00", "IN_PROGRESS", **build),
        reported("m-1", "10:01:00", "COMPLETED", **build),
        reported("m-1", "10:05:00", "COMPLETED", metrics={"healthScore": 98.5, "errorRate": 0}),
        reported("m-2", "11:00:00", "IN_PROGRESS", committedAt="2026-01-15T09:10:00Z"),
        reported("m-2", "11:10:00", "COMPLETED", metrics={"healthScore": 90}),
        reported("m-3", "12:00:00", "IN_PROGRESS"),
        reported("m-3", "12:00:30", "IN_PROGRESS", **build),
        reported("m-3", "12:02:00", "FAILED", **build),
        reported("m-3", "12:03:00", "FAILED", metrics={"errorCount": 7}),
    )
    until(lambda: installation.metric("DeploymentEvents", Environment="measured") == (10, 10), "all are published")

    def published():
        pages = emulator.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="DeploymentStatus")
        for metric in (metric for page in pages for metric in page["Metrics"]):
            dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
            if dimensions.get("Environment") == "measured" and metric["MetricName"] not in GAUGES:
                name = metric["MetricName"]
                yield (name, *sorted(dimensions.items())), installation.metric(name, **dimensions)

    # Each is (sum, number of values); two of three deployments ended well.
    of_deployments = {
        "DeploymentEvents": (10, 10),
        "DeploymentsStarted": (3, 3),
        "DeploymentsCompleted": (2, 2),
        "DeploymentsFailed": (1, 1),
        "DeploymentSuccessRate": (200, 3),
        "DeploymentDuration": (300 + 600 + 180, 3),
        "DeploymentHealthScore": (98.5 + 90, 2),
        "DeploymentErrorRate": (0, 1),
        "DeploymentErrorCount": (7, 1),
        "LeadTime": (7200, 1),
    }
    of_stages = {
        "StageDuration": (60 + 90, 2),
        "StagesCompleted": (1, 1),
        "StagesFailed": (1, 1),
        "StageSuccessRate": (100, 2),
    }
    # Settings name no service that has metrics of its own.
    environment, stage = ("Environment", "measured"), ("Stage", "Build")
    assert dict(published()) == (
        {(name, environment): values for name, values in of_deployments.items()}
        | {(name, environment, stage): values for name, values in of_stages.items()}
    )


def test_a_subscribed_queue_gets_the_notification_with_its_attributes(installation):
    subscriber = Subscriber(installation)
    reported = {"deploymentId": "reported-1", "service": "shop", "environment": "reported", "version": "4.0"}
    failure = {"status": "FAILED", "occurredAt": "2026-01-15T10:00:00Z", "error": {"message": "no disk"}}
    report(installation, reported | failure)

    envelope = subscriber.wait_for(lambda found: found["Message"].get("deploymentId") == "reported-1", "the notification")
    attributes = {name: found["Value"] for name, found in envelope["MessageAttributes"].items()}
    assert (envelope["TopicArn"], envelope["Subject"], attributes) == (
        installation.outputs["TopicArn"],
        "[reported] shop 4.0 FAILED",
        {
            "environment": "reported",
            "service": "shop",
            "status": "FAILED",
            "type": "FAILED",
            "severity": "error",
            "dedupeId": "reported-1#1#FAILED",
        },
    )
    [trail] = call(installation, "GET", "/v1/deployments/reported-1/events").body["items"]
    assert envelope["Message"] == reported | {
        "status": "FAILED",
        "type": "FAILED",
        "severity": "error",
        "attempt": 1,
        "at": "2026-01-15T10:00:00.000Z",
        "error": {"message": "no disk"},
        "failedStage": None,
        "dedupeId": "reported-1#1#FAILED",
        "link": None,
        "open": "deployment-status open /deployments/reported-1",
        "recorded": trail,
    }


def test_a_filter_policy_lets_through_what_it_names(installation):
    everything = Subscriber(installation)
    failures = Subscriber(installation, {"environment": ["filtered"], "status": ["FAILED"]})
    reported = {"service": "shop", "environment": "filtered", "version": "4.0"}
    report(
        installation,
        {"deploymentId": "filter-1", "status": "COMPLETED"} | reported,
        {"deploymentId": "filter-2", "status": "FAILED"} | reported,
        {"deploymentId": "filter-3", "status": "FAILED"} | reported | {"environment": "elsewhere"},
    )
    for deployment in ("filter-1", "filter-2", "filter-3"):
        everything.wait_for(lambda found: found["Message"].get("deploymentId") == deployment, f"the notification of {deployment}")
    assert [envelope["Message"]["deploymentId"] for envelope in failures.receive()] == ["filter-2"]


def test_whoever_changes_the_history_is_found_out(installation, emulator):
    subscriber = Subscriber(installation)
    report(installation, {"deploymentId": "forged-1", "status": "CANCELLED"})
    [row] = installation.rows("HistoryTable", "DEPLOYMENT#forged-1")

    # With the account's root credentials, which the emulator lets pass the table's policy.
    emulator.client("dynamodb").update_item(
        TableName=installation.outputs["HistoryTable"],
        Key={"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}},
        UpdateExpression="SET payload = :forged",
        ExpressionAttributeValues={":forged": {"S": row["payload"].replace("CANCELLED", "COMPLETED")}},
    )
    subscriber.wait_for_alarm(f"{installation.name}-history-modified")
    assert installation.metric("HistoryModified", Environment="unknown") == (1, 1)
    assert call(installation, "GET", "/v1/deployments/forged-1/verify").body["intact"] is False
