"""What the roles may do, where it depends on which table or queue is meant. The rest is in rules/permissions.guard."""

from templates import NothingToCheck, listed

HISTORY, WITNESS = "HistoryTable", "witness.yaml"
READS = {
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:DescribeTable",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
}
# ForAny: a write outside of any transaction has no enclosing operation, and would slip through ForAll.
IN_A_TRANSACTION = {"ForAnyValue:StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}}

# Whoever deploys makes them, so that their text is in no template. The end of an ARN is known to AWS only.
SECRETS = [
    {"Fn::Sub": f"arn:${{AWS::Partition}}:secretsmanager:${{AWS::Region}}:${{AWS::AccountId}}:secret:${{{name}}}-??????"}
    for name in ("WebhookSecretName", "LoginSecretName")
]

# The account's default bus, and the one that somebody names: both are there before these templates are.
BUSES = [
    {"Fn::Sub": f"arn:${{AWS::Partition}}:events:${{AWS::Region}}:${{AWS::AccountId}}:event-bus/{name}"}
    for name in ("default", "${SuggestionBus}")
]

# Of the bucket and of the key, what the witness alone may do. That it may sign stands in the policy of the key.
OF_THE_WITNESS = {"s3:ListBucketVersions", "s3:GetObjectVersion", "s3:PutObject"}
WRITES = ("dynamodb:Put", "dynamodb:Update", "dynamodb:Delete", "dynamodb:BatchWrite", "dynamodb:PartiQL")


def the_witness_is_apart_from_who_writes(installation):
    """Who could write over the history could otherwise make its anchors anew, or the other way round."""
    roles = installation.of_type("AWS::IAM::Role")
    if not [role for role in roles if role.template == WITNESS]:
        raise NothingToCheck("there is no witness")
    for role, statement, _ in _grants(installation):
        for action in listed(statement.get("Action")):
            if role.template == WITNESS:
                if action.startswith(WRITES) or (action.startswith("s3:") and action not in OF_THE_WITNESS):
                    yield f"{role}: may do {action} ({statement.get('Sid')})"
            elif action.startswith("s3:") or action.lower() == "kms:sign":
                yield f"{role}: may do what is for the witness alone: {action} ({statement.get('Sid')})"


def history_is_only_appended_to(installation):
    """A recorded event is never changed or removed, and none is recorded without its deployment's state."""
    granted = [
        (role, statement)
        for role, statement, resource in _grants(installation)
        if any(found.name == HISTORY for found in installation.meant_by(role.template, resource))
    ]
    if not granted:
        raise NothingToCheck(f"no role may do anything with {HISTORY}")
    for role, statement in granted:
        for action in listed(statement.get("Action")):
            if action == "dynamodb:PutItem":
                if statement.get("Condition") != IN_A_TRANSACTION:
                    yield f"{role}: may write history outside a transaction ({statement.get('Sid')})"
            elif action not in READS:
                yield f"{role}: may do {action} on history ({statement.get('Sid')})"


def every_granted_resource_is_ours(installation):
    """An ARN that is written out can reach, or with a * in it comprise, what these templates don't make."""
    for role, statement, resource in _grants(installation):
        if resource in SECRETS and listed(statement.get("Action")) == ["secretsmanager:GetSecretValue"]:
            continue
        if resource in BUSES and listed(statement.get("Action")) == ["events:PutEvents"]:
            continue
        # Which actions may have "*" is judged in rules/permissions.guard.
        if resource != "*" and not installation.meant_by(role.template, resource):
            yield f"{role}: {resource} is not of these templates ({statement.get('Sid')})"


def _grants(installation):
    """Each resource that a role may do something with."""
    return [
        (role, statement, resource)
        for role in installation.of_type("AWS::IAM::Role")
        for policy in role.properties.get("Policies", [])
        for statement in listed(policy["PolicyDocument"]["Statement"])
        if statement["Effect"] == "Allow"
        for resource in listed(statement.get("Resource"))
    ]
