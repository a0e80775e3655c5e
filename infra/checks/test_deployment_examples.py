"""What other teams take from infra/examples works against an installation."""

import json
import os
import subprocess

from building import INFRA
from calling import call
from emulation import REGION
from installation import deploy_stack, outputs
from waiting import until

ACCOUNT_MAY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
}


def report(url, keys, *arguments, **settings):
    """Runs report.sh as a pipeline with these keys; returns what it wrote."""
    credentials = {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
        "AWS_REGION": REGION,
    }
    return subprocess.run(
        [INFRA / "examples" / "report.sh", *arguments],
        env={"PATH": os.environ["PATH"], "DEPLOYMENT_STATUS_URL": url} | credentials | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_an_existing_stack_reports_and_is_notified(installation, emulator):
    trust = json.dumps(ACCOUNT_MAY_ASSUME)
    role = emulator.client("iam").create_role(RoleName="pipeline", AssumeRolePolicyDocument=trust)["Role"]
    assumed = emulator.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="build-7")["Credentials"]
    fields = {"SERVICE": "checkout", "ENVIRONMENT": "production", "VERSION": "7"}
    url = installation.outputs["ApiUrl"]

    refused = report(url, assumed, "IN_PROGRESS", DEPLOYMENT_ID="example-1", **fields)
    assert (refused.returncode, refused.stdout) == (1, ""), refused
    assert "not recorded" in refused.stderr

    # The stack finds the installation by itself, and gives the pipeline's role what it needs.
    deploy_stack(emulator, INFRA / "examples" / "existing-stack.yaml", "existing", {"PipelineRoleName": "pipeline"})
    begun = report(url, assumed, "IN_PROGRESS", DEPLOYMENT_ID="example-1", **fields)
    failed = report(url, assumed, "FAILED", DEPLOYMENT_ID="example-1", ERROR='no "disk"')
    assert [json.loads(run.stdout)["outcome"] for run in (begun, failed)] == ["recorded", "recorded"], (begun, failed)
    trail = call(installation, "GET", "/v1/deployments/example-1/events").body["items"]
    assert {item["producer"] for item in trail} == {"arn:aws:sts::123456789012:assumed-role/pipeline/build-7"}

    # What the service puts on the default bus is passed on.
    forwarded = {"deploymentId": "example-2", "service": "checkout", "environment": "staging", "status": "FAILED"}
    installation.put_event(forwarded, bus="default", source="example.checkout", detail_type="Anything")
    until(lambda: installation.rows("HistoryTable", "DEPLOYMENT#example-2"), "what was passed on is recorded")

    # Of all that the team's queue gets only what went wrong in production.
    sqs, queue = emulator.client("sqs"), outputs(emulator, "existing")["TeamQueueUrl"]
    [message] = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"), "the notification of the team")
    received = json.loads(message["Body"])
    assert (received["deploymentId"], received["type"], received["error"]) == ("example-1", "FAILED", {"message": 'no "disk"'})
    until(lambda: installation.metric("DeploymentsFailed", Environment="staging"), "the other is published")
    assert sqs.receive_message(QueueUrl=queue).get("Messages", []) == []


def test_another_environment_gets_its_own_alarms(installation, emulator):
    parameters = {"System": installation.name, "Environment": "blue team", "ActiveAbove": 9}
    deploy_stack(emulator, INFRA / "environment.yaml", "blue", parameters)

    alarms = emulator.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{installation.name}-blue")["MetricAlarms"]
    found = {alarm["AlarmName"].removeprefix(f"{installation.name}-"): alarm["Threshold"] for alarm in alarms}
    rates = {"blue team-success-rate": 95, "blue team-success-rate-24h": 95}
    assert found == {"blue team-active": 9, "blue team-duration": 1800, "blue team-verdict-bad": 0} | rates
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == {installation.outputs["TopicArn"]}
    assert emulator.client("cloudwatch").get_dashboard(DashboardName=f"{installation.name}-blue-team-{REGION}")
