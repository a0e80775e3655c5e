"""Queues, streams, rules and alarms: mutations that lose events, or hide failures."""

from .changing import added, put, removed, together

INGEST = "ingest.yaml/Resources"
PROCESSOR = "event-processor.yaml/Resources"
FROM_QUEUE = f"{PROCESSOR}/Function/Properties/Events/Queue/Properties"
FROM_STREAM = f"{PROCESSOR}/Function/Properties/Events/History/Properties"
TICK = f"{PROCESSOR}/Function/Properties/Events/Tick/Properties"
HEARTBEAT = f"{PROCESSOR}/HeartbeatAlarm/Properties"
FROM_THE_RULES = f"{INGEST}/QueuePolicy/Properties/PolicyDocument/Statement/FromTheRules"
TOPIC_POLICY = "notifications.yaml/Resources/TopicPolicy/Properties/PolicyDocument/Statement"
KEY_POLICY = "notifications.yaml/Resources/TopicKey/Properties/KeyPolicy/Statement"

# By the check that must notice: what is done, how, and how the complaint begins.
MUTATIONS = {
    "every-queue-has-a-dead-letter-queue": [
        ("dead-letter queue removed", removed(f"{INGEST}/DeadLetterQueue"), "ingest.yaml: Queue"),
        ("redrive policy removed", removed(f"{INGEST}/Queue/Properties/RedrivePolicy"), "ingest.yaml: Queue"),
        ("redrive after no number of tries",
         removed(f"{INGEST}/Queue/Properties/RedrivePolicy/maxReceiveCount"), "ingest.yaml: Queue"),
        ("queue added without a dead-letter queue",
         put(f"{INGEST}/Second", {"Type": "AWS::SQS::Queue"}), "ingest.yaml: Second"),
    ],
    "every-dead-letter-queue-has-an-alarm": [
        ("alarm of the dead-letter queue removed",
         removed(f"{INGEST}/DeadLettersAlarm"), "ingest.yaml: DeadLetterQueue"),
        ("alarm of the undelivered events looks at another queue",
         put(f"{INGEST}/UndeliveredAlarm/Properties/Dimensions/0/Value", {"Fn::GetAtt": ["Queue", "QueueName"]}),
         "ingest.yaml: UndeliveredQueue"),
        ("alarm of the unpublished batches waits for a thousand",
         put(f"{PROCESSOR}/UnpublishedAlarm/Properties/Threshold", 1000), "event-processor.yaml: UnpublishedQueue"),
    ],
    "every-event-source-has-a-failure-path": [
        ("OnFailure removed", removed(f"{FROM_STREAM}/DestinationConfig"), "event-processor.yaml: FunctionHistory"),
        ("redrive policy removed",
         removed(f"{INGEST}/Queue/Properties/RedrivePolicy"), "event-processor.yaml: FunctionQueue"),
    ],
    "every-rule-target-has-a-dead-letter-queue": [
        ("dead-letter queue of a rule removed",
         removed(f"{INGEST}/DefaultBusRule/Properties/Targets/queue/DeadLetterConfig"), "ingest.yaml: DefaultBusRule"),
        ("dead-letter queue of the alarms' rule removed",
         removed(f"{INGEST}/AlarmRule/Properties/Targets/queue/DeadLetterConfig"), "ingest.yaml: AlarmRule"),
        ("policy of the rules' dead-letter queue removed",
         removed(f"{INGEST}/UndeliveredQueuePolicy"), "ingest.yaml: BusRule"),
        ("queue takes from one of the two rules",
         put(f"{FROM_THE_RULES}/Condition/ArnEquals/aws:SourceArn", {"Fn::GetAtt": ["BusRule", "Arn"]}),
         "ingest.yaml: DefaultBusRule"),
    ],
    "every-schedule-has-a-heartbeat-alarm": [
        ("heartbeat alarm removed",
         removed(f"{PROCESSOR}/HeartbeatAlarm"), "event-processor.yaml: FunctionTick"),
        ("heartbeat alarm takes silence for good",
         put(f"{HEARTBEAT}/TreatMissingData", "notBreaching"), "event-processor.yaml: FunctionTick"),
        ("heartbeat alarm looks at the function, which others invoke too",
         together(
             put(f"{HEARTBEAT}/Namespace", "AWS/Lambda"),
             put(f"{HEARTBEAT}/Dimensions", [{"Name": "FunctionName", "Value": {"Ref": "Function"}}]),
         ), "event-processor.yaml: FunctionTick"),
        ("heartbeat alarm waits for a day",
         put(f"{HEARTBEAT}/Period", 86400), "event-processor.yaml: FunctionTick"),
    ],
    "every-schedule-comes-every-minute-or-anchors-after-a-day-is-closed": [
        ("the tick comes every five minutes",
         put(f"{TICK}/Schedule", "rate(5 minutes)"), "event-processor.yaml: FunctionTick"),
        ("the tick is switched off", put(f"{TICK}/Enabled", False), "event-processor.yaml: FunctionTick"),
    ],
    "every-queue-outwaits-its-function": [
        ("a message shows again after half a minute",
         put(f"{INGEST}/Queue/Properties/VisibilityTimeout", 30), "ingest.yaml: Queue"),
        ("when a message shows again is left to SQS",
         removed(f"{INGEST}/Queue/Properties/VisibilityTimeout"), "ingest.yaml: Queue"),
        ("the function takes a second more", put(f"{PROCESSOR}/Function/Properties/Timeout", 31), "ingest.yaml: Queue"),
    ],
    "every-message-is-tried-several-times": [
        ("a dead letter after two tries",
         put(f"{INGEST}/Queue/Properties/RedrivePolicy/maxReceiveCount", 2), "ingest.yaml: Queue"),
    ],
    "every-failure-is-kept-for-two-weeks": [
        ("dead letters are gone after four days",
         put(f"{INGEST}/DeadLetterQueue/Properties/MessageRetentionPeriod", 345600), "ingest.yaml: DeadLetterQueue"),
        ("how long unpublished batches are kept is left to SQS",
         removed(f"{PROCESSOR}/UnpublishedQueue/Properties/MessageRetentionPeriod"),
         "event-processor.yaml: UnpublishedQueue"),
    ],
    "every-index-has-an-alarm": [
        ("alarm of an index removed",
         removed("storage.yaml/Resources/HistoryByDayThrottlesAlarm"), "storage.yaml: HistoryTable"),
        ("alarm of an index looks at the index of another table",
         put("storage.yaml/Resources/StateActiveThrottlesAlarm/Properties/Dimensions/0/Value", {"Ref": "HistoryTable"}),
         "storage.yaml: StateTable"),
        ("index added without an alarm",
         added("storage.yaml/Resources/StateTable/Properties/GlobalSecondaryIndexes", {"IndexName": "by-version"}),
         "storage.yaml: StateTable"),
    ],
    "every-mapping-reports-which-items-failed": [
        ("queue: one failure repeats the batch",
         removed(f"{FROM_QUEUE}/FunctionResponseTypes"), "event-processor.yaml: FunctionQueue"),
        ("stream: one failure repeats the batch",
         removed(f"{FROM_STREAM}/FunctionResponseTypes"), "event-processor.yaml: FunctionHistory"),
    ],
    "every-stream-mapping-gets-past-a-bad-record": [
        ("a bad batch is not halved",
         removed(f"{FROM_STREAM}/BisectBatchOnFunctionError"), "event-processor.yaml: FunctionHistory"),
        ("a bad batch is tried for ever",
         put(f"{FROM_STREAM}/MaximumRetryAttempts", -1), "event-processor.yaml: FunctionHistory"),
        ("a bad batch is tried until the stream forgets",
         removed(f"{FROM_STREAM}/MaximumRecordAgeInSeconds"), "event-processor.yaml: FunctionHistory"),
    ],
    "every-alarm-has-an-action": [
        ("an alarm's action removed",
         removed("storage.yaml/Resources/HistoryWriteThrottlesAlarm/Properties/AlarmActions"),
         "storage.yaml: HistoryWriteThrottlesAlarm"),
        ("an alarm's actions emptied",
         put("environment.yaml/Resources/DurationAlarm/Properties/AlarmActions", []),
         "environment.yaml: DurationAlarm"),
        ("an alarm's actions switched off",
         put("status-query.yaml/Resources/ErrorsAlarm/Properties/ActionsEnabled", False),
         "status-query.yaml: ErrorsAlarm"),
    ],
    "every-alarm-notifies-the-topic": [
        ("an alarm notifies something else",
         put("health.yaml/Resources/RejectedAlarm/Properties/AlarmActions", [{"Ref": "MetricsNamespace"}]),
         "health.yaml: RejectedAlarm"),
        ("the topic loses the name by which an environment's alarms know it",
         removed("notifications.yaml/Resources/Topic/Properties/TopicName"), "environment.yaml: ActiveAlarm"),
    ],
    "alarms-can-publish": [
        ("the topic no longer lets alarms publish",
         removed(f"{TOPIC_POLICY}/AlarmsPublish"), "notifications.yaml: Topic"),
        ("the topic lets alarms of any account publish",
         removed(f"{TOPIC_POLICY}/AlarmsPublish/Condition"), "notifications.yaml: Topic"),
        ("the key no longer lets alarms use it",
         removed(f"{KEY_POLICY}/AlarmsPublish"), "notifications.yaml: TopicKey"),
        ("the key lets alarms of any account use it",
         removed(f"{KEY_POLICY}/AlarmsPublish/Condition"), "notifications.yaml: TopicKey"),
        ("the key lets alarms decrypt only",
         put(f"{KEY_POLICY}/AlarmsPublish/Action", "kms:Decrypt"), "notifications.yaml: TopicKey"),
        ("the key lets another service use it for any account",
         added(KEY_POLICY, {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "kms:*"}),
         "notifications.yaml: TopicKey"),
    ],
    "every-alarm-says-what-silence-means": [
        ("an alarm does not say it",
         removed("api.yaml/Resources/ServerErrorsAlarm/Properties/TreatMissingData"), "api.yaml: ServerErrorsAlarm"),
    ],
}
