"""The templates deploy, and what they promise to operators and to other stacks is there."""

import json

ALARMS = {
    "anchor-age": 90_000,
    "api-errors": 5,
    "conflicts": 0,
    "dead-letters": 0,
    "event-processor-duration": 24_000,
    "event-processor-errors": 0,
    "event-processor-throttles": 0,
    "forbidden": 0,
    "heartbeat": 1,
    "history-by-day-throttles": 0,
    "history-modified": 0,
    "history-read-throttles": 0,
    "history-write-throttles": 0,
    "metric-sets": 0,
    "notifications-undelivered": 0,
    "production-active": 2,
    "production-duration": 2700,
    "production-success-rate": 80,
    "production-success-rate-24h": 80,
    "production-verdict-bad": 0,
    "queue-age": 300,
    "rejected": 0,
    "state-active-throttles": 0,
    "state-by-environment-throttles": 0,
    "state-by-finished-throttles": 0,
    "state-by-service-throttles": 0,
    "state-read-throttles": 0,
    "state-write-throttles": 0,
    "status-query-duration": 8_000,
    "status-query-errors": 0,
    "status-query-throttles": 0,
    "stream-age": 300_000,
    "tick-coverage": 100,
    "tick-duration": 15,
    "undelivered": 0,
    "unpublished": 0,
    "unwitnessed": 0,
    "witness-errors": 0,
    "witness-stream-age": 3_600_000,
}


def test_outputs_and_parameters_are_there_and_agree(installation, emulator):
    outputs, name = installation.outputs, installation.name
    assert outputs == {
        "ApiUrl": outputs["ApiUrl"],
        "BusName": name,
        "BusArn": f"arn:aws:events:eu-central-1:123456789012:event-bus/{name}",
        "TopicArn": f"arn:aws:sns:eu-central-1:123456789012:{name}",
        "DashboardUrl": "https://console.aws.amazon.com/cloudwatch/home"
        f"?region=eu-central-1#dashboards:name={name}-production-eu-central-1",
        "HistoryTable": outputs["HistoryTable"],
        "StateTable": outputs["StateTable"],
        "AnchorsBucket": outputs["AnchorsBucket"],
        "SigningKeyArn": outputs["SigningKeyArn"],
    }

    found = emulator.client("ssm").get_parameters_by_path(Path=f"/{name}")["Parameters"]
    assert {parameter["Name"]: parameter["Value"] for parameter in found} == {
        f"/{name}/api-url": outputs["ApiUrl"],
        f"/{name}/bus-name": outputs["BusName"],
        f"/{name}/topic-arn": outputs["TopicArn"],
        f"/{name}/dashboard-url": outputs["DashboardUrl"],
    }

    for table in ("HistoryTable", "StateTable"):
        described = emulator.client("dynamodb").describe_table(TableName=outputs[table])["Table"]
        assert (described["TableStatus"], described["DeletionProtectionEnabled"]) == ("ACTIVE", table == "HistoryTable")


def test_who_shall_be_told_is_subscribed(installation, emulator):
    topic = installation.outputs["TopicArn"]
    found = emulator.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    # The checks' own are queues.
    assert {(one["Protocol"], one["Endpoint"]) for one in found if one["Protocol"] != "sqs"} == {
        ("email", "team@example.com"),
    }


def nested_stacks(installation, emulator):
    """The stacks that the installation consists of, beside its own."""
    found = emulator.client("cloudformation").describe_stacks()["Stacks"]
    return [stack for stack in found if stack["StackName"].startswith(f"{installation.name}-")]


def test_all_nested_stacks_are_complete(installation, emulator):
    stacks = nested_stacks(installation, emulator)
    assert {stack["StackName"].removeprefix(f"{installation.name}-").split("-")[0] for stack in stacks} == {
        *("Api", "Environment", "EventProcessor", "Health", "Ingest", "Notifications", "StatusQuery", "Storage", "Witness")
    }
    assert {stack["StackStatus"] for stack in stacks} == {"CREATE_COMPLETE"}


def test_alarms_have_the_thresholds_of_the_class_and_tell_the_topic(installation, emulator):
    cloudformation, cloudwatch = emulator.client("cloudformation"), emulator.client("cloudwatch")
    made = [
        resource["PhysicalResourceId"]
        for stack in nested_stacks(installation, emulator)
        for resource in cloudformation.list_stack_resources(StackName=stack["StackName"])["StackResourceSummaries"]
        if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
    ]
    alarms = cloudwatch.describe_alarms(AlarmNames=made)["MetricAlarms"]
    thresholds = {alarm["AlarmName"].removeprefix(f"{installation.name}-"): alarm["Threshold"] for alarm in alarms}
    assert thresholds == ALARMS
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {installation.outputs["TopicArn"]}


def test_the_dashboard_is_of_the_watched_environment(installation, emulator):
    name = f"{installation.name}-production-eu-central-1"
    dashboard = json.loads(emulator.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    headings = [widget["properties"]["markdown"] for widget in dashboard["widgets"] if widget["type"] == "text"]
    assert headings == [
        "# production: overview",
        "# Success",
        "# Performance",
        "# Stages",
        "# Health of Deployment Status itself, for all environments",
    ]
    # Nothing of the template is left that should have become a value.
    assert "${" not in json.dumps(dashboard)
