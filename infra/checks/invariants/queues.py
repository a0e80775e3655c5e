"""Nothing is lost without a trace: whatever fails ends in a queue, and an alarm watches that queue."""

from templates import NothingToCheck, listed

QUEUE, RULE, MAPPING = "AWS::SQS::Queue", "AWS::Events::Rule", "AWS::Lambda::EventSourceMapping"
HEARTBEAT = {
    "Namespace": "AWS/Events",
    "MetricName": "Invocations",
    "Statistic": "Sum",
    "Threshold": "1",
    "ComparisonOperator": "LessThanThreshold",
    "TreatMissingData": "breaching",
}

# Of a schedule that comes once an hour: what it publishes of itself, and that it is not silent.
OF_ANCHORS = {
    "MetricName": "AnchorAge",
    "Statistic": "Maximum",
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "breaching",
}


def every_queue_has_a_dead_letter_queue(installation):
    """What can't be handled must leave the queue, or it comes back until it expires unseen."""
    failure_queues = _failure_queues(installation)
    for queue in installation.of_type(QUEUE):
        redrive = queue.properties.get("RedrivePolicy")
        if redrive is None:
            if queue not in failure_queues:
                yield f"{queue}: has no RedrivePolicy, and nothing puts its failures there"
        elif not _queues(installation, queue.template, redrive.get("deadLetterTargetArn")):
            yield f"{queue}: its dead-letter queue is not a queue of these templates"
        elif not redrive.get("maxReceiveCount"):
            yield f"{queue}: does not say after how many tries a message is a dead letter"


def every_dead_letter_queue_has_an_alarm(installation):
    """Without an alarm, no one notices messages in a queue of failures."""
    watched = [
        queue
        for alarm in installation.of_type("AWS::CloudWatch::Alarm")
        if alarm.properties.get("MetricName") == "ApproximateNumberOfMessagesVisible"
        and alarm.properties.get("Threshold") == 0
        and alarm.properties.get("ComparisonOperator") == "GreaterThanThreshold"
        for dimension in alarm.properties["Dimensions"]
        for queue in _queues(installation, alarm.template, dimension["Value"])
    ]
    for queue in _failure_queues(installation):
        if queue not in watched:
            yield f"{queue}: no alarm goes off when a message waits in it"


def every_event_source_has_a_failure_path(installation):
    """A queue redrives by itself; a stream blocks or forgets unless its mapping says where to put it."""
    for mapping in installation.of_type(MAPPING):
        source = mapping.properties.get("EventSourceArn")
        redrives = [
            queue
            for queue in _queues(installation, mapping.template, source)
            if "RedrivePolicy" in queue.properties
        ]
        if not redrives and not _queues(installation, mapping.template, _on_failure(mapping)):
            yield f"{mapping}: what it can't deliver goes nowhere"


def every_rule_target_has_a_dead_letter_queue(installation):
    """EventBridge drops undelivered events, unless the rule has a dead-letter queue with a policy."""
    rules = [rule for rule in installation.of_type(RULE) if "EventPattern" in rule.properties]
    if not rules:
        raise NothingToCheck("no rule matches events")
    for rule in rules:
        for target in rule.properties["Targets"]:
            dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
            queues = _queues(installation, rule.template, dead_letters)
            if not queues:
                yield f"{rule}: target {target['Id']} has no dead-letter queue"
            for queue in queues + _queues(installation, rule.template, target["Arn"]):
                if not _may_send(installation, rule, queue):
                    yield f"{rule}: no policy lets EventBridge send its events to {queue.name}"


def every_queue_outwaits_its_function(installation):
    """A message that shows again while it is still being handled is handled twice, and soon a dead letter."""
    read = [
        (queue, mapping)
        for mapping in installation.of_type(MAPPING)
        for queue in _queues(installation, mapping.template, mapping.properties.get("EventSourceArn"))
    ]
    if not read:
        raise NothingToCheck("no function reads a queue")
    for queue, mapping in read:
        hidden = queue.properties.get("VisibilityTimeout", 30)
        for function in _functions(installation, mapping.template, mapping.properties["FunctionName"]):
            # Six times, as Lambda advises: what it could not hand over at once, it tries again meanwhile.
            wanted = 6 * function.properties.get("Timeout", 3)
            wanted += mapping.properties.get("MaximumBatchingWindowInSeconds", 0)
            if not isinstance(hidden, int) or hidden < wanted:
                yield f"{queue}: hides a message for {hidden} s; for {function} it takes {wanted} s"


def every_failure_is_kept_for_two_weeks(installation):
    """As long as SQS keeps anything: whoever is to look may be on holiday."""
    for queue in _failure_queues(installation):
        kept = queue.properties.get("MessageRetentionPeriod")
        if kept != 1209600:
            yield f"{queue}: keeps failures for {kept or 'four days'} instead of 1209600 s"


def every_schedule_has_a_heartbeat_alarm(installation):
    """A tick that is lost needs no dead-letter queue, for another one comes; ticks that stop need an alarm.

    On the rule, as the function is also invoked by what else there is.
    """
    schedules = [rule for rule in installation.of_type(RULE) if "ScheduleExpression" in rule.properties]
    if not schedules:
        raise NothingToCheck("there is no schedule")
    heartbeats = [
        rule
        for alarm in installation.of_type("AWS::CloudWatch::Alarm")
        if HEARTBEAT.items() <= {name: str(value) for name, value in alarm.properties.items()}.items()
        and alarm.properties["Period"] * alarm.properties["EvaluationPeriods"] <= 300
        and [dimension["Name"] for dimension in alarm.properties["Dimensions"]] == ["RuleName"]
        for rule in installation.meant_by(alarm.template, alarm.properties["Dimensions"][0]["Value"])
    ]
    anchors = [
        alarm
        for alarm in installation.of_type("AWS::CloudWatch::Alarm")
        if OF_ANCHORS.items() <= {name: str(value) for name, value in alarm.properties.items()}.items()
        and alarm.properties["Threshold"] + alarm.properties["Period"] * (alarm.properties["EvaluationPeriods"] - 1)
        <= 26 * 3600
    ]
    for schedule in schedules:
        if schedule.properties["ScheduleExpression"].startswith("cron("):
            if not [alarm for alarm in anchors if alarm.template == schedule.template]:
                yield f"{schedule}: no alarm goes off when there was no anchor for 26 hours"
        elif schedule not in heartbeats:
            yield f"{schedule}: no alarm goes off when it has not come for five minutes"


def every_queue_and_topic_refuses_plain_http(installation):
    """AWS endpoints speak plain HTTP too, and nothing but a policy keeps a client from it."""
    for kind, policy_type, key, action in (
        (QUEUE, "AWS::SQS::QueuePolicy", "Queues", "sqs:*"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "sns:Publish"),
    ):
        refusing = [
            resource
            for policy in installation.of_type(policy_type)
            for statement in listed(policy.properties["PolicyDocument"]["Statement"])
            if statement["Effect"] == "Deny"
            and statement.get("Principal") == "*"
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            and action in listed(statement.get("Action"))
            for attached in policy.properties[key]
            for resource in installation.meant_by(policy.template, attached)
            if resource in installation.meant_by(policy.template, statement["Resource"])
        ]
        for resource in installation.of_type(kind):
            if resource not in refusing:
                yield f"{resource}: no policy refuses requests over plain HTTP"


def _queues(installation, template, reference):
    return [found for found in installation.meant_by(template, reference) if found.type == QUEUE]


def _functions(installation, template, invoked):
    """The functions behind an alias, or what is invoked without one."""
    return [
        function
        for alias in installation.meant_by(template, invoked)
        for function in installation.meant_by(alias.template, alias.properties.get("FunctionName")) or [alias]
    ]


def _on_failure(mapping):
    return mapping.properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")


def _failure_queues(installation):
    """The queues that failures are put into: dead letters, undelivered events, failed batches."""
    references = []
    for queue in installation.of_type(QUEUE):
        references.append((queue, queue.properties.get("RedrivePolicy", {}).get("deadLetterTargetArn")))
    for rule in installation.of_type(RULE):
        for target in rule.properties["Targets"]:
            references.append((rule, target.get("DeadLetterConfig", {}).get("Arn")))
    for mapping in installation.of_type(MAPPING):
        references.append((mapping, _on_failure(mapping)))
    found = []
    for user, reference in references:
        found += [queue for queue in _queues(installation, user.template, reference) if queue not in found]
    if not found:
        raise NothingToCheck("there is no dead-letter queue")
    return found


def _may_send(installation, rule, queue):
    for policy in installation.of_type("AWS::SQS::QueuePolicy"):
        for statement in listed(policy.properties["PolicyDocument"]["Statement"]):
            sources = statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
            if (
                statement["Effect"] == "Allow"
                and statement.get("Principal") == {"Service": "events.amazonaws.com"}
                and "sqs:SendMessage" in listed(statement.get("Action"))
                and queue in installation.meant_by(policy.template, statement["Resource"])
                and any(rule in installation.meant_by(policy.template, source) for source in listed(sources))
            ):
                return True
    return False
