"""An alarm tells the topic, which is where people listen."""

# environment.yaml is also deployed by itself, and knows the topic by the name that
# notifications.yaml gives it: the installation's.
BY_NAME = {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${System}"}


def every_alarm_tells_the_topic(installation):
    """That an alarm has an action is judged in rules/alarms.guard; here, that it is the right one."""
    names = [topic.properties.get("TopicName") for topic in installation.of_type("AWS::SNS::Topic")]
    for alarm in installation.of_type("AWS::CloudWatch::Alarm"):
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for action in alarm.properties.get(kind, []):
                found = installation.meant_by(alarm.template, action)
                by_name = action == BY_NAME and {"Ref": "System"} in names
                if not by_name and [one.type for one in found] != ["AWS::SNS::Topic"]:
                    yield f"{alarm}: {kind} names something else than the topic"
