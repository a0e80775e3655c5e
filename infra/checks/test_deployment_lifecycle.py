"""An installation changes and goes. What it recorded stays."""

import json

import pytest
from botocore.exceptions import ClientError

from calling import call
from installation import deploy
from waiting import until


def report(installation, status):
    answer = call(installation, "POST", "/v1/events", {"deploymentId": "life-1", "version": "1", "status": status})
    assert answer.status == 201, answer
    return answer.body["sequence"]


def settings(installation):
    """The environment of the version that is live."""
    found = installation.emulator.client("lambda").get_function_configuration(
        FunctionName=installation.processor, Qualifier="live"
    )
    return found["Environment"]["Variables"]


def thresholds(installation):
    """When the alarms of the watched environment go off."""
    names = ("success-rate", "duration", "active")
    return [installation.alarm(f"staging-{name}")["Threshold"] for name in names]


def log_retention(installation):
    groups = installation.emulator.client("logs").describe_log_groups(
        logGroupNamePrefix=f"/aws/lambda/{installation.processor}"
    )["logGroups"]
    return [group["retentionInDays"] for group in groups]


def test_an_update_changes_settings_and_keeps_the_record(emulator, template):
    one = {"MetricsNamespace": "Updated", "WatchedEnvironment": "staging"}
    before = deploy(emulator, template, "updated", EnvironmentClass="development", **one)
    assert (settings(before)["LOG_LEVEL"], log_retention(before), thresholds(before)) == ("DEBUG", [14], [80, 2700, 5])
    assert report(before, "IN_PROGRESS") == 1

    # With all that is made on request only; docs/emulator.md says what is behind it here.
    optional = {
        "OrganizationId": "o-a1b2c3d4e5",
        "SlackWorkspaceId": "T0123456789",
        "SlackChannelId": "C0123456789",
        "HistoryRetentionDays": 400,
    }
    changed = {
        "ActiveAbove": 7,
        "Notify": "staging:FAILED",
        "StuckAfterMinutes": 5,
    }
    after = deploy(emulator, template, "updated", EnvironmentClass="production", **one, **optional, **changed)
    assert after.outputs == before.outputs
    assert (log_retention(after), thresholds(after)) == ([180], [95, 1800, 7])
    # The version behind the alias does the work: new settings need a new one.
    live = settings(after)
    assert (live["LOG_LEVEL"], live["NOTIFY"]) == ("INFO", "staging:FAILED")
    assert live["WEBHOOK_SECRET_ID"] == ""
    assert (live["STUCK_AFTER_MINUTES"], live["HISTORY_RETENTION_DAYS"]) == ("5", "400")

    assert report(after, "COMPLETED") == 2
    proof = call(after, "GET", "/v1/deployments/life-1/verify").body
    assert (proof["intact"], proof["events"]) == (True, 2)
    until(lambda: after.metric("DeploymentEvents", "Updated", Environment="unknown") == (2, 2), "both are published")
    rows = sorted(after.rows("HistoryTable", "DEPLOYMENT#life-1"), key=lambda row: row["sequence"])
    assert ["expiresAt" in row for row in rows] == [False, True], "retention is for what is recorded from then on"


def test_the_tables_survive_the_stack(emulator, template):
    leaving = deploy(emulator, template, "leaving", MetricsNamespace="Leaving")
    report(leaving, "IN_PROGRESS")
    report(leaving, "COMPLETED")
    rows = leaving.rows("HistoryTable", "DEPLOYMENT#life-1")
    assert len(rows) == 2

    emulator.client("cloudformation").delete_stack(StackName="leaving")

    def gone():
        stacks = emulator.client("cloudformation").list_stacks()["StackSummaries"]
        [status] = {s["StackStatus"] for s in stacks if s["StackName"] == "leaving"}
        assert status in ("DELETE_IN_PROGRESS", "DELETE_COMPLETE"), stacks
        return status == "DELETE_COMPLETE"

    until(gone, "the stack is deleted", seconds=60)
    assert leaving.rows("HistoryTable", "DEPLOYMENT#life-1") == rows
    [summary] = leaving.rows("StateTable", "DEPLOYMENT#life-1")
    assert summary["headHash"] == max(rows, key=lambda row: row["sequence"])["hash"]
    # Nor is the history deleted by mistake.
    with pytest.raises(ClientError, match="deletion protection"):
        emulator.client("dynamodb").delete_table(TableName=leaving.outputs["HistoryTable"])

    alarms = emulator.client("cloudwatch").describe_alarms(AlarmNamePrefix="leaving-")["MetricAlarms"]
    queues = emulator.client("sqs").list_queues(QueueNamePrefix="leaving-").get("QueueUrls", [])
    functions = [f["FunctionName"] for f in emulator.client("lambda").list_functions()["Functions"]]
    assert (alarms, queues, [name for name in functions if name.startswith("leaving")]) == ([], [], [])
