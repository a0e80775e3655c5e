"""Every alarm notifies the topic, and is allowed to."""

from templates import NothingToCheck, listed

ALARM, TABLE = "AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table"

# environment.yaml is also deployed by itself, and knows the topic by the name that
# notifications.yaml gives it: the installation's.
BY_NAME = {"Fn::Sub": "arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${System}"}

OF_THIS_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
ANY_ALARM = {"Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"}
OF_ITS_ALARMS = {**OF_THIS_ACCOUNT, "ArnLike": {"aws:SourceArn": ANY_ALARM}}


def every_alarm_notifies_the_topic(installation):
    """rules/alarms.guard checks that an alarm has an action; this checks that it is the right one."""
    for alarm, kind, found in _actions(installation):
        if [one.type for one in found] != ["AWS::SNS::Topic"]:
            yield f"{alarm}: {kind} names something else than the topic"


def alarms_can_publish(installation):
    """CloudWatch reports no error when the topic, or the key of the topic, rejects an alarm."""
    topics = []
    for *_, found in _actions(installation):
        topics += [topic for topic in found if topic not in topics]
    if not topics:
        raise NothingToCheck("no alarm names a topic")
    for topic in topics:
        if not any(_lets_alarms(statement, "sns:Publish") for statement in _about(installation, topic)):
            yield f"{topic}: no policy lets the alarms of this account publish, and no others"
        key = topic.properties.get("KmsMasterKeyId")
        keys = installation.meant_by(topic.template, key)
        if key is not None and not keys:
            yield f"{topic}: its key is not of these templates, and may not be for alarms to use"
        for key in keys:
            statements = listed(key.properties["KeyPolicy"]["Statement"])
            if not any(_lets_alarms(one, "kms:Decrypt", "kms:GenerateDataKey*") for one in statements):
                yield f"{key}: its policy does not let the alarms of this account use it, and no others"
            for statement in statements:
                if "Service" in statement["Principal"] and statement.get("Condition") not in (
                    OF_THIS_ACCOUNT,
                    OF_ITS_ALARMS,
                ):
                    yield f"{key}: a service may use it for any account ({statement.get('Sid')})"


def every_index_has_an_alarm(installation):
    """A table's own alarm doesn't see its indexes, and an index that turns a write away fails the table's."""
    watched = [
        (table, index)
        for alarm in installation.of_type(ALARM)
        if alarm.properties.get("Namespace") == "AWS/DynamoDB"
        and alarm.properties.get("MetricName") == "WriteThrottleEvents"
        and alarm.properties.get("Statistic") == "Sum"
        and alarm.properties.get("Threshold") == 0
        and alarm.properties.get("ComparisonOperator") == "GreaterThanThreshold"
        for table, index in [_table_and_index(installation, alarm)]
    ]
    indexes = [
        (table, index["IndexName"])
        for table in installation.of_type(TABLE)
        for index in table.properties.get("GlobalSecondaryIndexes", [])
    ]
    if not indexes:
        raise NothingToCheck("no table has an index")
    for table, index in indexes:
        if (table, index) not in watched:
            yield f"{table}: no alarm goes off when writes to its index {index} are turned away"


def _actions(installation):
    """Each action of each alarm: the alarm, the kind, and the resources that it means."""
    by_name = [
        topic for topic in installation.of_type("AWS::SNS::Topic")
        if topic.properties.get("TopicName") == {"Ref": "System"}
    ]
    for alarm in installation.of_type(ALARM):
        for kind in ("AlarmActions", "OKActions", "InsufficientDataActions"):
            for action in alarm.properties.get(kind, []):
                found = by_name if action == BY_NAME else installation.meant_by(alarm.template, action)
                yield alarm, kind, found


def _about(installation, topic):
    """The statements about a topic, of policies that are attached to it."""
    return [
        statement
        for policy in installation.of_type("AWS::SNS::TopicPolicy")
        if any(topic in installation.meant_by(policy.template, one) for one in policy.properties["Topics"])
        for statement in listed(policy.properties["PolicyDocument"]["Statement"])
        if topic in installation.meant_by(policy.template, statement["Resource"])
    ]


def _lets_alarms(statement, *actions):
    return (
        statement["Effect"] == "Allow"
        and statement.get("Principal") == {"Service": "cloudwatch.amazonaws.com"}
        and set(actions) <= set(listed(statement.get("Action")))
        and statement.get("Condition") in (OF_THIS_ACCOUNT, OF_ITS_ALARMS)
    )


def _table_and_index(installation, alarm):
    dimensions = {one["Name"]: one["Value"] for one in alarm.properties["Dimensions"]}
    tables = installation.meant_by(alarm.template, dimensions.get("TableName"))
    return (tables or [None])[0], dimensions.get("GlobalSecondaryIndexName")
