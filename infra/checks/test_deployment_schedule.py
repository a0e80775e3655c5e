"""What the schedule does every minute: gauges, their alarm, and deployments that are stuck."""

from datetime import UTC, datetime, timedelta

from calling import call
from subscribing import Subscriber
from waiting import until


def test_the_tick_counts_what_is_active_and_tells_what_is_stuck(installation):
    subscriber = Subscriber(installation)
    busy = {"service": "shop", "environment": "production", "status": "IN_PROGRESS"}
    an_hour_ago = (datetime.now(UTC) - timedelta(minutes=61)).isoformat()
    reported = [
        *({"deploymentId": f"active-{number}"} | busy for number in (1, 2, 3)),
        {"deploymentId": "stuck-1", "occurredAt": an_hour_ago} | busy | {"environment": "forgotten"},
    ]
    assert call(installation, "POST", "/v1/events", reported).status == 200

    # The schedule itself invokes the function, every minute; nothing here does.
    def stuck_now():
        return installation.metric("StuckDeployments", Environment="forgotten")

    until(stuck_now, "the schedule has ticked", seconds=90)
    total, values = stuck_now()
    assert total == values, "each minute, one is stuck"
    total, values = installation.metric("ActiveDeployments", Environment="production")
    assert total >= 3, "zeros from before, and three from now on"

    stuck = subscriber.wait_for(lambda found: found["Message"].get("deploymentId") == "stuck-1", "the notification")
    assert stuck["Message"]["type"] == "STUCK"

    # The installation watches production, and more than two are active there.
    alarm = subscriber.wait_for_alarm(f"{installation.name}-production-active", seconds=90)
    assert alarm["NewStateReason"].endswith("3.0 GreaterThanThreshold 2.0")
    assert alarm["Trigger"]["Dimensions"] == [{"Name": "Environment", "Value": "production"}]
    assert installation.alarm("production-active")["StateValue"] == "ALARM"
