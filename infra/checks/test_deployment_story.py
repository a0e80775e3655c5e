"""How it goes, from a deployment to a decision: an alarm, a verdict, what to do, the rollback, the gate."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calling import call
from emulation import REGION
from installation import deploy
from subscribing import Subscriber
from waiting import until

SAMPLE = Path(__file__).parents[2] / "events" / "cloudwatch" / "metric-alarm.json"
SETTINGS = {
    "environments": [{"name": "production", "gate": {"notBad": True}}],
    "rules": [
        {"source": "aws.cloudwatch", "when": {"alarmName": "*-errors"}, "decisive": True},
        {"source": "aws.cloudwatch", "when": {"alarmName": "{service}-{environment}-errors"}},
    ],
    "rollbackCommand": "release {service} {version} --to {environment}",
}


def test_a_deployment_goes_badly_is_rolled_back_refused_cleared_and_allowed(emulator, template):
    ours = deploy(emulator, template, "story", EnvironmentClass="development", AlarmPrefixes="cart-")
    assert call(ours, "PUT", "/v1/settings", SETTINGS).status == 201
    subscriber = Subscriber(ours)
    begin = datetime.now(UTC) - timedelta(minutes=20)

    def at(minutes):
        return (begin + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def report(deployment, minutes, status, version):
        ours.put_event(
            {
                "deploymentId": deployment,
                "status": status,
                "service": "cart",
                "environment": "production",
                "version": version,
                "occurredAt": at(minutes),
            }
        )
        until(lambda: answer(deployment).get("status") == status, f"{deployment} is {status}")

    def answer(deployment):
        return call(ours, "GET", f"/v1/deployments/{deployment}").body

    def gate():
        asked = call(ours, "GET", "/v1/gate?service=cart&environment=production&version=2.8.0")
        assert asked.status == 200, asked
        return asked.body

    report("cart-1", 0, "COMPLETED", "2.7.0")
    report("cart-2", 10, "IN_PROGRESS", "2.8.0")
    report("cart-2", 11, "COMPLETED", "2.8.0")
    assert answer("cart-2")["verdict"]["state"] == "WATCHING"
    assert gate()["decision"] == "ALLOW"

    # By its name the rule of the bus does not take the first.
    for name in ("shop-production-errors", "cart-production-errors"):
        detail = json.loads(SAMPLE.read_text())["detail"]
        detail["alarmName"] = name
        detail["state"]["timestamp"] = at(15).replace("Z", "+0000")
        arn = f"arn:aws:cloudwatch:{REGION}:123456789012:alarm:{name}"
        ours.put_event(detail, "default", "aws.cloudwatch", "CloudWatch Alarm State Change", [arn])

    told = subscriber.wait_for(lambda envelope: envelope["Message"].get("type") == "BAD", "the verdict is told")
    told = told["Message"]
    assert (told["deploymentId"], told["verdict"]["state"]) == ("cart-2", "BAD")
    [reason] = told["verdict"]["reasons"]
    assert (reason["rule"], reason["at"]) == ("alarm", at(15))
    suggestion = {
        "version": "2.7.0",
        "commit": None,
        "deploymentId": "cart-1",
        "command": "release cart 2.7.0 --to production",
    }
    assert {name: told["verdict"]["suggestion"].get(name) for name in suggestion} == suggestion
    assert answer("cart-2")["verdict"]["reasons"][0]["rule"] == "alarm"
    hour = at(15)[: len("2026-01-15T10")]
    heard = [len(ours.rows("HistoryTable", f"OBSERVATION#production:{name}:{hour}")) for name in ("cart", "shop")]
    assert heard == [1, 0]

    report("cart-2", 17, "ROLLED_BACK", "2.8.0")
    [cell] = call(ours, "GET", "/v1/live?service=cart&environment=production").body["items"]
    assert (cell["deploymentId"], cell["version"]) == ("cart-1", "2.7.0")
    refused = gate()
    assert refused["decision"] == "DENY"
    [failed] = [check for check in refused["checks"] if check["outcome"] == "FAILED"]
    assert failed["check"] == "notBad"

    cleared = {
        "type": "verdict",
        "service": "cart",
        "version": "2.8.0",
        "outcome": "CLEARED",
        "reason": "a probe of the load balancer was wrong",
        "occurredAt": at(19),
    }
    assert call(ours, "POST", "/v1/events", cleared).status == 201
    assert gate()["decision"] == "ALLOW"
    again = subscriber.wait_for(lambda envelope: envelope["Message"].get("type") == "GOOD_AGAIN", "it is good again")
    assert "a probe of the load balancer was wrong" in json.dumps(again["Message"])
    bad = [envelope["Message"] for envelope in subscriber.receive() if envelope["Message"].get("type") == "BAD"]
    assert len(bad) == 1
