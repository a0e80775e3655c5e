"""The history, permissions and encryption: who could change, read or overhear what they should not."""

from .changing import added, put, removed

PROCESSOR = "event-processor.yaml/Resources/Role/Properties"
QUERY = "status-query.yaml/Resources/Role/Properties"
PROCESSOR_MAY = f"{PROCESSOR}/Policies/0/PolicyDocument/Statement"
QUERY_MAY = f"{QUERY}/Policies/0/PolicyDocument/Statement"
HISTORY = "storage.yaml/Resources/HistoryTable"
STATE = "storage.yaml/Resources/StateTable"
RECOVERY = f"{HISTORY}/Properties/PointInTimeRecoverySpecification"
REFUSED = f"{HISTORY}/Properties/ResourcePolicy/PolicyDocument/Statement"
QUEUE_POLICY = "ingest.yaml/Resources/QueuePolicy/Properties/PolicyDocument/Statement"
TOPIC_POLICY = "notifications.yaml/Resources/TopicPolicy/Properties/PolicyDocument/Statement"

# By the check that must notice: what is done, how, and how the complaint begins.
MUTATIONS = {
    "every-table-outlives-the-stack": [
        ("DeletionPolicy Retain -> Delete", put(f"{HISTORY}/DeletionPolicy", "Delete"), "storage.yaml: HistoryTable"),
        ("UpdateReplacePolicy removed", removed(f"{HISTORY}/UpdateReplacePolicy"), "storage.yaml: HistoryTable"),
        ("the state goes with the stack", put(f"{STATE}/DeletionPolicy", "Delete"), "storage.yaml: StateTable"),
    ],
    "every-table-can-be-restored": [
        ("point-in-time recovery dropped", removed(RECOVERY), "storage.yaml: HistoryTable"),
        ("point-in-time recovery off",
         put(f"{RECOVERY}/PointInTimeRecoveryEnabled", False), "storage.yaml: HistoryTable"),
        ("a week of recovery", put(f"{RECOVERY}/RecoveryPeriodInDays", 7), "storage.yaml: HistoryTable"),
        ("point-in-time recovery of the state dropped",
         removed(f"{STATE}/Properties/PointInTimeRecoverySpecification"), "storage.yaml: StateTable"),
    ],
    "history-is-not-deleted-by-one-call": [
        ("deletion protection off",
         put(f"{HISTORY}/Properties/DeletionProtectionEnabled", False), "storage.yaml: HistoryTable"),
    ],
    "history-has-a-stream": [
        ("stream removed", removed(f"{HISTORY}/Properties/StreamSpecification"), "storage.yaml: HistoryTable"),
    ],
    "history-refuses-changes": [
        ("resource policy removed", removed(f"{HISTORY}/Properties/ResourcePolicy"), "storage.yaml: HistoryTable"),
        ("refusal of changes removed", removed(f"{REFUSED}/WhatIsRecordedStays"), "storage.yaml: HistoryTable"),
        ("updates no longer refused",
         put(f"{REFUSED}/WhatIsRecordedStays/Action", ["dynamodb:DeleteItem"]), "storage.yaml: HistoryTable"),
        ("changes refused for one role only",
         put(f"{REFUSED}/WhatIsRecordedStays/Principal", {"AWS": "arn:aws:iam::123456789012:role/one"}),
         "storage.yaml: HistoryTable"),
        ("changes allowed instead",
         put(f"{REFUSED}/WhatIsRecordedStays/Effect", "Allow"), "storage.yaml: HistoryTable"),
        ("single writes no longer refused",
         removed(f"{REFUSED}/WrittenInTransactionsOnly"), "storage.yaml: HistoryTable"),
    ],
    "history-is-only-appended-to": [
        ("TransactWriteItems condition removed",
         removed(f"{PROCESSOR_MAY}/AppendToHistory/Condition"), "event-processor.yaml: Role"),
        ("DeleteItem on history",
         added(f"{PROCESSOR_MAY}/AppendToHistory/Action", "dynamodb:DeleteItem"), "event-processor.yaml: Role"),
        ("UpdateItem on history, by a role that only reads",
         added(f"{QUERY_MAY}/ReadBothTables/Action", "dynamodb:UpdateItem"), "status-query.yaml: Role"),
        ("what is for the state is for history too",
         added(f"{PROCESSOR_MAY}/WriteState/Resource", {"Fn::Sub": "${HistoryTableArn}"}),
         "event-processor.yaml: Role"),
        ("another name for history",
         put("template.yaml/Resources/EventProcessor/Properties/Parameters/StateTableArn",
             {"Fn::GetAtt": ["Storage", "Outputs.HistoryTableArn"]}), "event-processor.yaml: Role"),
    ],
    "no-role-may-scan": [
        ("dynamodb:Scan added",
         added(f"{PROCESSOR_MAY}/ReadBothTables/Action", "dynamodb:Scan"), "event-processor.yaml: Role"),
        ("dynamodb:Scan added, to the other role",
         added(f"{QUERY_MAY}/ReadBothTables/Action", "DynamoDB:SCAN"), "status-query.yaml: Role"),
        ("PartiQL added, which scans too",
         added(f"{QUERY_MAY}/ReadBothTables/Action", "dynamodb:PartiQLSelect"), "status-query.yaml: Role"),
    ],
    "every-granted-action-is-named": [
        ("an action widened to a pattern",
         added(f"{QUERY_MAY}/ReadBothTables/Action", "dynamodb:S*"), "status-query.yaml: Role"),
        ("all actions but one",
         put(f"{QUERY_MAY}/Log/NotAction", "logs:DeleteLogGroup"), "status-query.yaml: Role"),
    ],
    "every-grant-names-its-resources": [
        ("Resource widened to *", put(f"{QUERY_MAY}/ReadBothTables/Resource", "*"), "status-query.yaml: Role"),
        ("* added to the resources", added(f"{PROCESSOR_MAY}/Notify/Resource", "*"), "event-processor.yaml: Role"),
    ],
    "every-granted-resource-is-ours": [
        ("Resource widened to a pattern",
         put(f"{QUERY_MAY}/ReadBothTables/Resource", "arn:aws:dynamodb:*:*:table/*"), "status-query.yaml: Role"),
        ("any bus of the account",
         put(f"{PROCESSOR_MAY}/SuggestRollbacks/Resource",
             {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/*"}),
         "event-processor.yaml: Role"),
        ("each secret whose name begins like that of webhooks",
         put(f"{PROCESSOR_MAY}/ReadWebhookSecret/Resource",
             {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${WebhookSecretName}*"}),
         "event-processor.yaml: Role"),
        ("each secret whose name begins like that of logins",
         put(f"{QUERY_MAY}/ReadLoginSecret/Resource",
             {"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${LoginSecretName}*"}),
         "status-query.yaml: Role"),
        ("the secret of webhooks may be changed",
         added(f"{PROCESSOR_MAY}/ReadWebhookSecret/Action", "secretsmanager:PutSecretValue"),
         "event-processor.yaml: Role"),
    ],
    "metrics-go-to-our-namespace-only": [
        ("namespace condition removed",
         removed(f"{PROCESSOR_MAY}/PublishMetrics/Condition"), "event-processor.yaml: Role"),
    ],
    "events-are-put-on-one-bus-under-our-name-only": [
        ("source condition removed",
         removed(f"{PROCESSOR_MAY}/SuggestRollbacks/Condition"), "event-processor.yaml: Role"),
        ("another source",
         put(f"{PROCESSOR_MAY}/SuggestRollbacks/Condition/StringEquals/events:source", "aws.codepipeline"),
         "event-processor.yaml: Role"),
        ("two buses",
         put(f"{PROCESSOR_MAY}/SuggestRollbacks/Resource", [{"Fn::Sub": "a"}, {"Fn::Sub": "b"}]),
         "event-processor.yaml: Role"),
    ],
    "every-policy-stands-in-its-role": [
        ("a policy beside the role",
         put("status-query.yaml/Resources/Extra", {"Type": "AWS::IAM::ManagedPolicy"}), "status-query.yaml: Extra"),
    ],
    "no-role-has-a-managed-policy": [
        ("administrator",
         put(f"{QUERY}/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"]), "status-query.yaml: Role"),
        ("role left to SAM",
         removed("status-query.yaml/Resources/Function/Properties/Role"), "status-query.yaml: FunctionRole"),
    ],
    "every-role-is-for-a-service": [
        ("anybody in the account may take a role",
         put(f"{QUERY}/AssumeRolePolicyDocument/Statement/0/Principal", {"AWS": "*"}), "status-query.yaml: Role"),
    ],
    "every-queue-and-topic-says-who-may-send": [
        ("anybody may send", put(f"{QUEUE_POLICY}/FromTheRules/Principal", "*"), "ingest.yaml: QueuePolicy"),
        ("EventBridge may send for any account",
         removed(f"{QUEUE_POLICY}/FromTheRules/Condition"), "ingest.yaml: QueuePolicy"),
        ("CloudWatch may publish for any account",
         removed(f"{TOPIC_POLICY}/AlarmsPublish/Condition"), "notifications.yaml: TopicPolicy"),
    ],
    "every-bus-is-for-our-organization": [
        ("the bus is open to the whole world",
         removed("ingest.yaml/Resources/BusPolicy/Properties/Statement/Condition"), "ingest.yaml: BusPolicy"),
        ("the bus is open to another organization",
         put("ingest.yaml/Resources/BusPolicy/Properties/Statement/Condition/StringEquals/aws:PrincipalOrgID", "o-1"),
         "ingest.yaml: BusPolicy"),
        ("the bus is open although no organization is given",
         removed("ingest.yaml/Resources/BusPolicy/Condition"), "ingest.yaml: BusPolicy"),
        ("an organization may do more than put events",
         put("ingest.yaml/Resources/BusPolicy/Properties/Statement/Action", "events:*"), "ingest.yaml: BusPolicy"),
    ],
    "every-queue-is-encrypted": [
        ("encryption of a queue dropped",
         removed("event-processor.yaml/Resources/UnpublishedQueue/Properties/SqsManagedSseEnabled"),
         "event-processor.yaml: UnpublishedQueue"),
    ],
    "every-topic-is-encrypted-with-a-key-of-ours": [
        ("encryption of the topic dropped",
         removed("notifications.yaml/Resources/Topic/Properties/KmsMasterKeyId"), "notifications.yaml: Topic"),
        ("the account's own key, which alarms can't use",
         put("notifications.yaml/Resources/Topic/Properties/KmsMasterKeyId", "alias/aws/sns"),
         "notifications.yaml: Topic"),
    ],
    "every-key-is-rotated": [
        ("rotation off",
         put("notifications.yaml/Resources/TopicKey/Properties/EnableKeyRotation", False),
         "notifications.yaml: TopicKey"),
    ],
    "every-table-is-encrypted": [
        ("encryption of the state left to DynamoDB",
         removed(f"{STATE}/Properties/SSESpecification"), "storage.yaml: StateTable"),
    ],
    "every-queue-and-topic-refuses-plain-http": [
        ("a queue's policy removed",
         removed("ingest.yaml/Resources/DeadLetterQueuePolicy"), "ingest.yaml: DeadLetterQueue"),
        ("a queue's refusal is for one action",
         put(f"{QUEUE_POLICY}/EncryptedOnTheWay/Action", "sqs:SendMessage"), "ingest.yaml: Queue"),
        ("the topic's refusal removed", removed(f"{TOPIC_POLICY}/EncryptedOnTheWay"), "notifications.yaml: Topic"),
    ],
}
