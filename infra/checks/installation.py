"""An installation: deploys it with `sam deploy`, reports events to it, and reads its data."""

import json
import subprocess
from datetime import UTC, datetime, timedelta

from building import ARCHITECTURE, TOOLS

class Refused(Exception):
    """sam failed; the text is its output."""


def sam(emulator, *arguments):
    """Runs sam against the emulator.

    # Errors
    `Refused` with what the operator would read.
    """
    finished = subprocess.run(
        [TOOLS / "sam", *arguments],
        cwd=emulator.directory,
        env=emulator.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
    )
    if finished.returncode:
        raise Refused(finished.stdout)


def deploy_stack(emulator, template, name, parameters):
    """Creates or updates the stack `name`, as an operator does."""
    sam(
        emulator,
        *("deploy", "--template-file", template, "--stack-name", name, "--resolve-s3", "--no-confirm-changeset"),
        *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"),
        *("--parameter-overrides", *(f'{key}="{value}"' for key, value in parameters.items())),
    )


def deploy(emulator, template, name, **parameters):
    """Creates or updates an installation."""
    deploy_stack(emulator, template, name, {"Architecture": ARCHITECTURE} | parameters)
    return Installation(emulator, name)


def outputs(emulator, name):
    """A stack's outputs."""
    stack = emulator.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


class Installation:
    """A deployed stack, seen from outside."""

    def __init__(self, emulator, name):
        self.emulator = emulator
        self.name = name
        self.outputs = outputs(emulator, name)
        self.processor = f"{name}-event-processor"

    def put_event(self, detail, bus=None, source="example.pipeline", detail_type="Deployment Event", resources=()):
        """Puts an event on the installation's bus, or on another."""
        answer = self.emulator.client("events").put_events(
            Entries=[
                {
                    "EventBusName": bus or self.outputs["BusName"],
                    "Source": source,
                    "DetailType": detail_type,
                    "Detail": json.dumps(detail),
                    "Resources": list(resources),
                }
            ]
        )
        assert answer["FailedEntryCount"] == 0, answer

    def rows(self, table, partition):
        """All items of one partition, by sort key, as plain values."""
        answer = self.emulator.client("dynamodb").query(
            TableName=self.outputs[table],
            KeyConditionExpression="pk = :partition",
            ExpressionAttributeValues={":partition": {"S": partition}},
            ConsistentRead=True,
        )
        return [{key: plain(value) for key, value in item.items()} for item in answer["Items"]]

    def queue_url(self, purpose):
        """One of the installation's own queues."""
        return self.emulator.client("sqs").get_queue_url(QueueName=f"{self.name}-{purpose}")["QueueUrl"]

    def alarm(self, name):
        alarms = self.emulator.client("cloudwatch").describe_alarms(AlarmNames=[f"{self.name}-{name}"])
        return alarms["MetricAlarms"][0]

    def metric(self, name, namespace="DeploymentStatus", **dimensions):
        """(sum, number of values) of one metric since yesterday; None when there is none."""
        now = datetime.now(UTC)
        points = self.emulator.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - timedelta(days=1),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Sum", "SampleCount"],
        )["Datapoints"]
        return (sum(p["Sum"] for p in points), sum(p["SampleCount"] for p in points)) if points else None


def plain(value):
    """A DynamoDB value as JSON would have it."""
    kind, content = next(iter(value.items()))
    match kind:
        case "N":
            return float(content) if "." in content else int(content)
        case "M":
            return {key: plain(inner) for key, inner in content.items()}
        case "L":
            return [plain(inner) for inner in content]
        case "NULL":
            return None
        case _:
            return content
