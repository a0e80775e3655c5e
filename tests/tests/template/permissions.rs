//! Permissions: each function's role allows exactly what its code calls and what Lambda does in its
//! name, no more and no less. History is only ever added to, in transactions: the table itself
//! refuses everything else, whoever calls.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::attributes::{ACCOUNT, REGION};
use super::calls::{CALLS, Calls, Needed};
use super::drift::{self, Described, expect_none, expect_one};
use super::parameters::text;
use super::templates::{CLASSES, Installation, Templates, WITH_LOGIN};

const HISTORY: &str = "Storage.HistoryTable";
const STATE: &str = "Storage.StateTable";
const ANCHORS: &str = "Witness.Anchors";

/// What Lambda does with the role of event-processor, for its triggers and its log: AWS documents
/// these actions for each. Encrypting what goes to the topic is done in its name, too.
const OF_EVENT_PROCESSOR: [(&str, &[&str], &str, &str); 7] = [
    ("sqs", &["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"], "Ingest.Queue", "Arn"),
    ("dynamodb", &["DescribeStream", "GetRecords", "GetShardIterator"], HISTORY, "StreamArn"),
    ("dynamodb", &["ListStreams"], "", ""),
    ("sqs", &["SendMessage"], "EventProcessor.UnpublishedQueue", "Arn"),
    ("kms", &["Decrypt", "GenerateDataKey"], "Notifications.TopicKey", "Arn"),
    ("logs", &["CreateLogStream", "PutLogEvents"], "EventProcessor.LogGroup", "Arn"),
    ("xray", &["PutTraceSegments", "PutTelemetryRecords"], "", ""),
];
/// The same of status-query.
const OF_STATUS_QUERY: [(&str, &[&str], &str, &str); 2] = [
    ("logs", &["CreateLogStream", "PutLogEvents"], "StatusQuery.LogGroup", "Arn"),
    ("xray", &["PutTraceSegments", "PutTelemetryRecords"], "", ""),
];
/// The same of the witness.
const OF_WITNESS: [(&str, &[&str], &str, &str); 6] = [
    ("dynamodb", &["DescribeStream", "GetRecords", "GetShardIterator"], HISTORY, "StreamArn"),
    ("dynamodb", &["ListStreams"], "", ""),
    ("sqs", &["SendMessage"], "Witness.UnwitnessedQueue", "Arn"),
    ("kms", &["Decrypt", "GenerateDataKey"], "Notifications.TopicKey", "Arn"),
    ("logs", &["CreateLogStream", "PutLogEvents"], "Witness.LogGroup", "Arn"),
    ("xray", &["PutTraceSegments", "PutTelemetryRecords"], "", ""),
];
/// What an index can't be asked for: a grant of it on an index grants nothing.
const BY_KEY: [&str; 2] = ["dynamodb:GetItem", "dynamodb:BatchGetItem"];
/// Each way to write an item other than a put.
const CHANGES: [&str; 6] =
    ["UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"];
/// What administrators may do with the key of the anchors: nothing by which something is signed.
const ADMINISTER: [&str; 14] = [
    "CancelKeyDeletion",
    "DescribeKey",
    "DisableKey",
    "EnableKey",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "GetPublicKey",
    "ListResourceTags",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
    "Verify",
];
const WITHOUT_CONDITION: &str = "always";

/// The ARN (or that of the stream) of a resource; `*` where actions have none to name.
fn arn(installation: &Installation, path: &str, name: &str) -> String {
    if path.is_empty() { "*".to_owned() } else { installation.attribute(path, name).unwrap() }
}

/// What a function needs, as a role would grant it.
fn needed(
    installation: &Installation,
    calls: &BTreeSet<Needed>,
    of_lambda: &[(&str, &[&str], &str, &str)],
) -> Described {
    let variables = &installation.properties("EventProcessor.Function")["Environment"]["Variables"];
    let mut all = Described::new();
    for (service, actions, path, name) in of_lambda {
        let on = arn(installation, path, name);
        all.extend(actions.iter().map(|action| (format!("{service}:{action} on {on}"), WITHOUT_CONDITION.to_owned())));
    }
    // That the witness may sign stands in the policy of the key.
    for Needed { action, on, in_transaction } in calls.iter().filter(|needed| needed.on != "key") {
        let (on, condition) = match on.split_once('/').map_or((on.as_str(), ""), |(table, index)| (table, index)) {
            ("metrics", _) => {
                ("*".to_owned(), json!({"StringEquals": {"cloudwatch:namespace": variables["METRICS_NAMESPACE"]}}))
            }
            // No bus is named in the call, so it is the default one.
            ("default bus", _) => {
                let own = json!({"StringEquals": {"events:source": domain::event::OWN_SOURCE}});
                (format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"), own)
            }
            ("anchors", _) => (arn(installation, ANCHORS, "Arn"), Value::Null),
            ("objects", _) => (format!("{}/*", arn(installation, ANCHORS, "Arn")), Value::Null),
            ("topic", _) => (variables["TOPIC_ARN"].as_str().unwrap().to_owned(), Value::Null),
            ("history", "") if *in_transaction => {
                let condition =
                    json!({"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}});
                (arn(installation, HISTORY, "Arn"), condition)
            }
            (table, index) => {
                let table = arn(installation, if table == "history" { HISTORY } else { STATE }, "Arn");
                (if index.is_empty() { table } else { format!("{table}/{index}") }, Value::Null)
            }
        };
        let condition = if condition.is_null() { WITHOUT_CONDITION.to_owned() } else { condition.to_string() };
        all.insert(format!("{action} on {on}"), condition);
    }
    all
}

/// The secrets that a function reads, if there are some: when a webhook comes, and when someone wants a page.
/// AWS puts a hyphen and six characters behind a secret's name.
fn needed_secrets(installation: &Installation, stack: &str) -> Described {
    let variables = &installation.properties(&format!("{stack}.Function"))["Environment"]["Variables"];
    let names = ["WEBHOOK_SECRET_ID", "LOGIN_SECRET_ID"].into_iter().filter_map(|name| text(&variables[name]));
    let read = names.filter(|name| !name.is_empty()).map(|name| {
        let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-??????");
        (format!("secretsmanager:GetSecretValue on {arn}"), WITHOUT_CONDITION.to_owned())
    });
    read.collect()
}

/// One value, or a list of them.
fn listed(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| text(value).into_iter().collect(), |all| all.iter().filter_map(text).collect())
}

/// What a role grants, with `index/*` as each index that there is.
fn granted(installation: &Installation, role: &Value) -> Described {
    let mut all = Described::new();
    let policies = role["Policies"].as_array().into_iter().flatten();
    for statement in policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap()) {
        let condition = statement.get("Condition").map_or(WITHOUT_CONDITION.to_owned(), Value::to_string);
        let resources = listed(&statement["Resource"]).into_iter().flat_map(|on| match on.strip_suffix("/index/*") {
            Some(table) => indexes(installation, table).map(|index| format!("{table}/index/{index}")).collect(),
            None => vec![on],
        });
        for on in resources {
            for action in listed(&statement["Action"]) {
                if !(on.contains("/index/") && BY_KEY.contains(&action.as_str())) {
                    all.insert(format!("{action} on {on}"), condition.clone());
                }
            }
        }
        if statement["Effect"] != "Allow" || statement.get("Action").is_none() || statement.get("Resource").is_none() {
            all.insert(format!("statement {}", statement["Sid"]), "not of a kind that is known here".to_owned());
        }
    }
    all
}

/// The names of the indexes of the table with this ARN.
fn indexes(installation: &Installation, table: &str) -> impl Iterator<Item = String> {
    let found = [HISTORY, STATE].into_iter().find(|path| arn(installation, path, "Arn") == table);
    let indexes = found.and_then(|path| installation.properties(path)["GlobalSecondaryIndexes"].as_array().cloned());
    indexes.unwrap_or_default().into_iter().filter_map(|index| text(&index["IndexName"]))
}

pub(crate) fn check(installation: &Installation, calls: &Calls) -> Vec<String> {
    let mut complaints = Vec::new();
    for (stack, calls, of_lambda) in [
        ("EventProcessor", &calls.event_processor, &OF_EVENT_PROCESSOR[..]),
        ("StatusQuery", &calls.status_query, &OF_STATUS_QUERY),
        ("Witness", &calls.witness, &OF_WITNESS),
    ] {
        let (path, role) = (format!("{stack}.Role"), installation.properties(&format!("{stack}.Role")));
        let mut needed = needed(installation, calls, of_lambda);
        needed.extend(needed_secrets(installation, stack));
        complaints.extend(drift::between(&path, &needed, &granted(installation, role)));
        let known = ["AssumeRolePolicyDocument", "Policies"];
        let further = role.as_object().unwrap().keys().filter(|property| !known.contains(&property.as_str()));
        complaints.extend(further.map(|property| format!("{path}: {property} may grant what nobody sees here")));
        let function = installation.properties(&format!("{stack}.Function"));
        if function["Role"] != arn(installation, &path, "Arn") || function.get("Policies").is_some() {
            complaints.push(format!("{stack}.Function: its role is not {path} alone"));
        }
    }
    complaints.extend(check_history(installation.properties(HISTORY)));
    complaints.extend(check_key(installation, &calls.witness));
    complaints
}

/// The table refuses to everybody what would change what is recorded, and what would add to it alone.
fn check_history(table: &Value) -> Vec<String> {
    let statements = table["ResourcePolicy"]["PolicyDocument"]["Statement"].as_array().cloned().unwrap_or_default();
    let refused = |action: &str, condition: &Value| {
        statements.iter().any(|statement| {
            let to_all = statement["Effect"] == "Deny" && statement["Principal"] == "*" && statement["Resource"] == "*";
            to_all
                && statement["Condition"] == *condition
                && listed(&statement["Action"]).contains(&format!("dynamodb:{action}"))
        })
    };
    let alone = json!({"ForAllValues:StringNotEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}});
    let all = CHANGES.iter().map(|change| (*change, Value::Null)).chain([("PutItem", alone)]);
    let allowed = all.filter(|(action, condition)| !refused(action, condition));
    allowed.map(|(action, _)| format!("{HISTORY}: its policy does not refuse {action}")).collect()
}

/// Who may sign by the policy of the key: the witness, as it must, and nobody else; and no role gets more.
fn check_key(installation: &Installation, calls: &BTreeSet<Needed>) -> Vec<String> {
    let role = arn(installation, "Witness.Role", "Arn");
    let statements = installation.properties("Witness.SigningKey")["KeyPolicy"]["Statement"].as_array().unwrap();
    let needed: Described = calls
        .iter()
        .filter(|needed| needed.on == "key")
        .map(|needed| (format!("{} by {role}", needed.action), WITHOUT_CONDITION.to_owned()))
        .collect();
    let signs = |action: &String| !ADMINISTER.contains(&action.trim_start_matches("kms:"));
    let granted: Described = statements
        .iter()
        .flat_map(|statement| listed(&statement["Action"]).into_iter().map(move |action| (action, statement)))
        .filter(|(action, _)| signs(action))
        .map(|(action, statement)| {
            let who = text(&statement["Principal"]["AWS"]).unwrap_or_else(|| statement["Principal"].to_string());
            (format!("{action} by {who}"), WITHOUT_CONDITION.to_owned())
        })
        .collect();
    drift::between("Witness.SigningKey", &needed, &granted)
}

/// Nothing may read a whole table: that costs what the table holds, and no question here needs it.
pub(crate) fn check_scans(templates: &Templates) -> Vec<String> {
    let scanning = templates.0.iter().filter(|(_, template)| template.to_string().contains("Scan"));
    scanning.map(|(file, _)| format!("{file} says Scan")).collect()
}

#[test]
fn each_role_allows_what_its_function_does_and_no_more() {
    for class in CLASSES {
        expect_none(&check(&Templates::read().of_class(class), &CALLS));
    }
    let parameters =
        [("MetricsNamespace", "Shop"), ("WebhookSecretName", "webhooks/all"), ("HistoryRetentionDays", "90")];
    expect_none(&check(&Templates::read().deploy(&parameters).unwrap(), &CALLS));
    expect_none(&check(&Templates::read().deploy(&[&parameters[..], &WITH_LOGIN].concat()).unwrap(), &CALLS));
    expect_none(&check_scans(&Templates::read()));
}

/// The statement of a role with this `Sid`.
fn statement<'a>(installation: &'a mut Installation, stack: &str, sid: &str) -> &'a mut Value {
    let role = installation.properties_mut(&format!("{stack}.Role"));
    let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array_mut().unwrap();
    statements.iter_mut().find(|statement| statement["Sid"] == sid).unwrap()
}

#[test]
fn a_permission_that_is_missing_too_much_or_too_wide_is_found() {
    for (stack, sid, property, value, says) in [
        ("EventProcessor", "WriteState", "Action", json!(["dynamodb:PutItem"]), "lacks dynamodb:DeleteItem on"),
        ("EventProcessor", "ReadBothTables", "Action", json!(["dynamodb:GetItem"]), "lacks dynamodb:BatchGetItem on"),
        (
            "EventProcessor",
            "TakeEvents",
            "Action",
            json!(["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]),
            "lacks sqs:DeleteMessage on",
        ),
        (
            "EventProcessor",
            "AppendToHistory",
            "Action",
            json!(["dynamodb:PutItem", "dynamodb:UpdateItem"]),
            "dynamodb:UpdateItem on",
        ),
        ("EventProcessor", "AppendToHistory", "Condition", Value::Null, "dynamodb:PutItem on"),
        (
            "EventProcessor",
            "PublishMetrics",
            "Condition",
            json!({}),
            "cloudwatch:PutMetricData on * is {} in the template",
        ),
        (
            "EventProcessor",
            "Notify",
            "Resource",
            json!(["*", "arn:aws:sns:eu-central-1:123456789012:deployment-status"]),
            "sns:Publish on * (always)",
        ),
        (
            "EventProcessor",
            "SuggestRollbacks",
            "Condition",
            Value::Null,
            "events:PutEvents on arn:aws:events:eu-central-1:123456789012:event-bus/default is null in the template",
        ),
        (
            "EventProcessor",
            "SuggestRollbacks",
            "Resource",
            json!(["*", "arn:aws:events:eu-central-1:123456789012:event-bus/default"]),
            "events:PutEvents on *",
        ),
        (
            "StatusQuery",
            "ReadState",
            "Action",
            json!(["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:PutItem"]),
            "dynamodb:PutItem on",
        ),
        ("StatusQuery", "ReadBothTables", "Action", json!(["dynamodb:Query", "dynamodb:Scan"]), "dynamodb:Scan on"),
        (
            "Witness",
            "KeepAnchors",
            "Action",
            json!(["s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject"]),
            "s3:DeleteObject on",
        ),
        ("Witness", "ListAnchors", "Action", json!("s3:ListBucket"), "s3:ListBucket"),
    ] {
        let mut installation = Installation::production();
        statement(&mut installation, stack, sid)[property] = value;
        let complaints = check(&installation, &CALLS);
        let named = |complaint: &String| complaint.starts_with(&format!("{stack}.Role")) && complaint.contains(says);
        assert!(!complaints.is_empty() && complaints.iter().all(named), "{says}: {complaints:#?}");
    }
}

#[test]
fn a_secret_that_may_not_be_read_or_another_that_may_is_found() {
    let mut installation = Templates::read().deploy(&[("WebhookSecretName", "webhooks")]).unwrap();
    statement(&mut installation, "EventProcessor", "ReadWebhookSecret")["Resource"] = json!("*");
    let complaints = check(&installation, &CALLS);
    assert_eq!(complaints.len(), 2, "{complaints:#?}");
    assert!(complaints[0].contains("lacks secretsmanager:GetSecretValue on"), "{complaints:#?}");
    assert!(complaints[1].contains("secretsmanager:GetSecretValue on * (always)"), "{complaints:#?}");
    // Where no secret is given, nothing may be read.
    installation.properties_mut("EventProcessor.Function")["Environment"]["Variables"]["WEBHOOK_SECRET_ID"] = "".into();
    expect_one(&check(&installation, &CALLS), &["secretsmanager:GetSecretValue on * (always)"]);
}

#[test]
fn a_secret_of_logins_that_a_function_may_not_read_is_found() {
    for stack in ["EventProcessor", "StatusQuery"] {
        let mut installation = Templates::read().deploy(&WITH_LOGIN).unwrap();
        statement(&mut installation, stack, "ReadLoginSecret")["Action"] = json!("secretsmanager:DescribeSecret");
        let complaints = check(&installation, &CALLS);
        assert_eq!(complaints.len(), 2, "{complaints:#?}");
        assert!(complaints[0].contains("lacks secretsmanager:GetSecretValue on"), "{complaints:#?}");
    }
}

#[test]
fn a_call_that_no_role_allows_is_found() {
    let (event_processor, mut status_query) = (CALLS.event_processor.clone(), CALLS.status_query.clone());
    let witness = CALLS.witness.clone();
    let on = "state/index/by-version".to_owned();
    status_query.insert(Needed { action: "dynamodb:Query".to_owned(), on, in_transaction: false });
    let complaints = check(&Installation::production(), &Calls { event_processor, status_query, witness });
    expect_one(&complaints, &["StatusQuery.Role", "lacks dynamodb:Query on", "index/by-version"]);
}

#[test]
fn another_way_to_a_permission_is_found() {
    let mut installation = Installation::production();
    installation.properties_mut("StatusQuery.Role")["ManagedPolicyArns"] = json!(["arn:aws:iam::aws:policy/Any"]);
    expect_one(&check(&installation, &CALLS), &["StatusQuery.Role", "ManagedPolicyArns"]);
    let mut installation = Installation::production();
    installation.properties_mut("StatusQuery.Function")["Policies"] = json!("Any");
    expect_one(&check(&installation, &CALLS), &["StatusQuery.Function", "role"]);
}

#[test]
fn a_history_that_can_be_changed_is_found() {
    for (number, sid, says) in [(0, "WhatIsRecordedStays", "UpdateItem"), (1, "WrittenInTransactionsOnly", "PutItem")] {
        let mut installation = Installation::production();
        let policy = &mut installation.properties_mut(HISTORY)["ResourcePolicy"]["PolicyDocument"];
        assert_eq!(policy["Statement"].as_array_mut().unwrap().remove(number)["Sid"], sid);
        let complaints = check(&installation, &CALLS);
        assert_eq!(complaints.len(), [CHANGES.len(), 1][number], "{complaints:#?}");
        assert!(complaints[0].contains(HISTORY) && complaints[0].contains(says), "{complaints:#?}");
    }
}

#[test]
fn whoever_else_may_sign_is_found() {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for (number, property, value, says) in [
        (0, "Action", json!(["kms:DescribeKey", "kms:Sign"]), format!("kms:Sign by {root}")),
        (0, "Action", json!("kms:*"), format!("kms:* by {root}")),
        (1, "Principal", json!({"AWS": "arn:aws:iam::123456789012:role/ci"}), "kms:Sign by".to_owned()),
    ] {
        let mut installation = Installation::production();
        installation.properties_mut("Witness.SigningKey")["KeyPolicy"]["Statement"][number][property] = value;
        let complaints = check(&installation, &CALLS);
        assert!(complaints.iter().any(|complaint| complaint.contains(&says)), "{complaints:#?}");
    }
}

#[test]
fn a_scan_is_found_wherever_it_stands() {
    let mut templates = Templates::read();
    templates.0.get_mut("ingest.yaml").unwrap()["Resources"]["Bus"]["Properties"]["Note"] = "dynamodb:Scan".into();
    expect_one(&check_scans(&templates), &["ingest.yaml"]);
}
