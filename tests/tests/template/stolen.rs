//! What a stolen role can do and what it can't, line by line as `docs/security.md` says it: judged by the policies
//! of the templates as IAM does, those of roles and those of the table, the bucket and the key. How what it can do is
//! noticed is in `tests/tests/witness`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::attributes::{ACCOUNT, REGION};
use super::templates::Installation;

const HISTORY: &str = "Storage.HistoryTable";
const STATE: &str = "Storage.StateTable";
const ANCHORS: &str = "Witness.Anchors";
const KEY: &str = "Witness.SigningKey";

/// What is known of a request, by the names of condition keys.
type Facts<'a> = BTreeMap<&'a str, &'a str>;

/// One value, or a list of them.
fn listed(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    }
}

/// Whether a text is what a pattern with `*` says.
fn is_like(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((begin, rest)) => text.strip_prefix(begin).is_some_and(|text| {
            (0..=text.len()).filter(|at| text.is_char_boundary(*at)).any(|at| is_like(rest, &text[at..]))
        }),
    }
}

/// Whether a statement's conditions hold.
fn holds(conditions: &Value, facts: &Facts) -> bool {
    let mut each = conditions.as_object().into_iter().flatten().flat_map(|(operator, keys)| {
        keys.as_object().unwrap().iter().map(move |(key, values)| (operator.as_str(), key.as_str(), listed(values)))
    });
    each.all(|(operator, key, values)| {
        let fact = facts.get(key).copied();
        let equals = fact.is_some_and(|fact| values.contains(&fact));
        match operator {
            "StringEquals" | "Bool" | "ForAnyValue:StringEquals" => equals,
            "ForAllValues:StringNotEquals" | "ArnNotEquals" => !equals,
            "Null" => values == [if fact.is_none() { "true" } else { "false" }],
            other => panic!("{other} is not known here"),
        }
    })
}

struct Request<'a> {
    who: &'a str,
    action: &'a str,
    on: &'a str,
    facts: Facts<'a>,
}

impl Request<'_> {
    /// Whether a statement is about it.
    fn is_meant(&self, statement: &Value) -> bool {
        let principal = &statement["Principal"];
        let of_account = format!("arn:aws:iam::{ACCOUNT}:root");
        let by = principal.is_null()
            || *principal == "*"
            || listed(&principal["AWS"]).iter().any(|who| *who == self.who || *who == of_account);
        by && listed(&statement["Action"]).iter().any(|action| is_like(action, self.action))
            && listed(&statement["Resource"]).iter().any(|on| is_like(on, self.on))
            && holds(&statement["Condition"], &self.facts)
    }
}

/// Whether IAM lets a request through: no statement denies it, and one allows it; of a key its own policy must.
fn may(installation: &Installation, identity: &[Value], request: &Request) -> bool {
    let statements = |path: &str, policy: &str| {
        installation.properties(path).pointer(policy).and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let of_resources = [
        statements(HISTORY, "/ResourcePolicy/PolicyDocument/Statement")
            .into_iter()
            .filter(|_| request.on.starts_with(&installation.attribute(HISTORY, "Arn").unwrap()))
            .collect::<Vec<_>>(),
        statements("Witness.AnchorsPolicy", "/PolicyDocument/Statement"),
        statements(KEY, "/KeyPolicy/Statement")
            .into_iter()
            .filter(|_| request.on == installation.attribute(KEY, "Arn").unwrap())
            .collect(),
    ]
    .concat();
    let says = |statements: &[Value], effect: &str| {
        statements.iter().any(|statement| statement["Effect"] == effect && request.is_meant(statement))
    };
    if says(identity, "Deny") || says(&of_resources, "Deny") {
        return false;
    }
    if request.on == installation.attribute(KEY, "Arn").unwrap() {
        let by_name = of_resources
            .iter()
            .any(|statement| listed(&statement["Principal"]["AWS"]) == [request.who] && request.is_meant(statement));
        return by_name || (says(&of_resources, "Allow") && says(identity, "Allow"));
    }
    says(identity, "Allow")
}

/// A principal: its ARN, and what its own policies say.
fn role(installation: &Installation, stack: &str) -> (String, Vec<Value>) {
    let path = format!("{stack}.Role");
    let policy = &installation.properties(&path)["Policies"][0]["PolicyDocument"]["Statement"];
    (installation.attribute(&path, "Arn").unwrap(), policy.as_array().unwrap().clone())
}

/// Someone who may do everything with a service.
fn person(service: &str) -> (String, Vec<Value>) {
    let all = json!({"Effect": "Allow", "Action": format!("{service}:*"), "Resource": "*"});
    (format!("arn:aws:iam::{ACCOUNT}:user/{service}"), vec![all])
}

/// What each can do, and what not: who, and actions on things.
const CAN: [(&str, &str); 39] = [
    ("EventProcessor", "dynamodb:PutItem on history in a transaction"),
    ("EventProcessor", "dynamodb:PutItem on state"),
    ("EventProcessor", "sns:Publish on topic"),
    ("EventProcessor", "events:PutEvents on default bus as itself"),
    ("EventProcessor", "not events:PutEvents on default bus as another"),
    ("EventProcessor", "not events:PutEvents on our bus as itself"),
    ("EventProcessor", "not dynamodb:PutItem on history"),
    ("EventProcessor", "not dynamodb:UpdateItem on history in a transaction"),
    ("EventProcessor", "not dynamodb:DeleteItem on history in a transaction"),
    ("EventProcessor", "not dynamodb:BatchWriteItem on history"),
    ("EventProcessor", "not kms:Sign on key"),
    ("EventProcessor", "not s3:PutObject on anchor as new"),
    ("EventProcessor", "not s3:GetObjectVersion on anchor"),
    ("StatusQuery", "dynamodb:Query on history"),
    ("StatusQuery", "not dynamodb:PutItem on history in a transaction"),
    ("StatusQuery", "not dynamodb:PutItem on state"),
    ("StatusQuery", "not kms:Sign on key"),
    ("StatusQuery", "not s3:GetObjectVersion on anchor"),
    ("StatusQuery", "not events:PutEvents on default bus as itself"),
    ("Witness", "not events:PutEvents on default bus as itself"),
    ("Witness", "dynamodb:Query on history"),
    ("Witness", "kms:Sign on key"),
    ("Witness", "s3:PutObject on anchor as new"),
    ("Witness", "not s3:PutObject on anchor"),
    ("Witness", "not s3:DeleteObject on anchor"),
    ("Witness", "not s3:PutObjectRetention on anchor"),
    ("Witness", "not dynamodb:PutItem on history in a transaction"),
    ("Witness", "not dynamodb:PutItem on state"),
    ("dynamodb", "dynamodb:PutItem on history in a transaction"),
    ("dynamodb", "dynamodb:PutResourcePolicy on history"),
    ("dynamodb", "not dynamodb:UpdateItem on history in a transaction"),
    ("dynamodb", "not dynamodb:DeleteItem on history in a transaction"),
    ("s3", "s3:GetObjectVersion on anchor"),
    ("s3", "s3:PutBucketPolicy on bucket"),
    ("s3", "not s3:PutObject on anchor as new"),
    ("s3", "not s3:DeleteObjectVersion on anchor"),
    ("kms", "kms:PutKeyPolicy on key"),
    ("kms", "kms:ScheduleKeyDeletion on key"),
    ("kms", "not kms:Sign on key"),
];

/// What differs from the table.
fn differences(installation: &Installation) -> Vec<String> {
    let arn = |path: &str| installation.attribute(path, "Arn").unwrap();
    let differs = |(who, line): &(&str, &str)| {
        let (who_is, identity) = match *who {
            "dynamodb" | "s3" | "kms" => person(who),
            stack => role(installation, stack),
        };
        let (expected, line) = line.strip_prefix("not ").map_or((true, *line), |line| (false, line));
        let (action, on) = line.split_once(" on ").unwrap();
        let (on, source) = match on.split_once(" as ") {
            Some((on, "itself")) => (on, Some("deployment-status")),
            Some((on, "another")) => (on, Some("aws.codepipeline")),
            _ => (on, None),
        };
        let mut facts = Facts::from([("aws:SecureTransport", "true"), ("aws:PrincipalArn", who_is.as_str())]);
        facts.extend(source.map(|source| ("events:source", source)));
        let on = match on.split_once(' ') {
            Some((on, "in a transaction")) => {
                facts.insert("dynamodb:EnclosingOperation", "TransactWriteItems");
                on
            }
            Some((on, "as new")) => {
                facts.insert("s3:if-none-match", "*");
                on
            }
            _ => on,
        };
        let topic = installation.properties("Witness.Function")["Environment"]["Variables"]["TOPIC_ARN"].clone();
        let on = match on {
            "history" => arn(HISTORY),
            "state" => arn(STATE),
            "topic" => topic.as_str().unwrap().to_owned(),
            "default bus" => format!("arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"),
            "our bus" => arn("Ingest.Bus"),
            "key" => arn(KEY),
            "bucket" => arn(ANCHORS),
            "anchor" => format!("{}/000001.json", arn(ANCHORS)),
            other => panic!("{other} is no thing"),
        };
        may(installation, &identity, &Request { who: &who_is, action, on: &on, facts }) != expected
    };
    CAN.iter().filter(|line| differs(line)).map(|(who, line)| format!("{who}: {line}")).collect()
}

#[test]
fn each_role_can_do_what_the_document_says_and_no_more() {
    assert_eq!(differences(&Installation::production()), [] as [String; 0]);
}

type Loosen = fn(&mut Installation);

#[test]
fn a_policy_that_is_looser_than_the_document_says_is_found() {
    let cases: [(Loosen, &str); 4] = [
        (
            |installation| {
                installation.properties_mut(HISTORY)["ResourcePolicy"]["PolicyDocument"]["Statement"] = json!([]);
            },
            "dynamodb: not dynamodb:UpdateItem on history in a transaction",
        ),
        (
            |installation| {
                installation.properties_mut("Witness.AnchorsPolicy")["PolicyDocument"]["Statement"] = json!([]);
            },
            "Witness: not s3:PutObject on anchor",
        ),
        (
            |installation| {
                installation.properties_mut(KEY)["KeyPolicy"]["Statement"][0]["Action"] = json!("kms:*");
            },
            "kms: not kms:Sign on key",
        ),
        (
            |installation| {
                let role = installation.properties_mut("Witness.Role");
                role["Policies"][0]["PolicyDocument"]["Statement"][0]["Action"] = json!(["dynamodb:*"]);
            },
            "Witness: not dynamodb:PutItem on history in a transaction",
        ),
    ];
    for (loosen, says) in cases {
        let mut installation = Installation::production();
        loosen(&mut installation);
        let found = differences(&installation);
        assert!(found.contains(&says.to_owned()), "{says}: {found:?}");
    }
}

/// The document has a line for whoever is in the table here, and a table for both.
#[test]
fn the_document_has_a_line_for_each_of_them() {
    let document = include_str!("../../../docs/security.md");
    for who in [
        "event-processor",
        "status-query",
        "witness",
        "a person with `dynamodb:*`",
        "a person with `s3:*`",
        "a person with `kms:*`",
    ] {
        assert!(document.lines().any(|line| line.starts_with(&format!("| {who} |"))), "{who}");
    }
}
