"""Starts ministack, an emulator of AWS, with patches where it differs from AWS.

Runs in an environment of its own (requirements-emulator.txt) and is started by emulation.py.
docs/emulator.md lists how the emulator differs from AWS, and what the checks do about it.
"""

import json

import cbor2
from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, eventbridge, s3
from ministack.services.cloudformation import _stacks, engine, provisioners

# Operations that AWS authorizes under another name.
AUTHORIZED_AS = {"sns:PublishBatch": "sns:Publish"}

# Resources that the emulator does not know. They are created without a function, so that the stack deploys.
IN_NAME_ONLY = (
    "AWS::Chatbot::SlackChannelConfiguration",
    "AWS::CodeDeploy::Application",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::Events::Archive",
    "AWS::Events::EventBusPolicy",
)


def patch(module, name):
    """Replaces a function of the emulator by one that gets the original as its first argument."""

    def replace(replacement):
        original = getattr(module, name)
        setattr(module, name, lambda *given, **named: replacement(original, *given, **named))
        return replacement

    return replace


@patch(engine, "_parse_template")
def parse_and_transform(parse, body):
    """Expands AWS::Serverless resources of nested stacks too, not only those of the root."""
    return engine._apply_transforms(parse(body))


@patch(app, "pin_request_origin")
def pin_encrypted_origin(pin, address, _encrypted):
    """Takes loopback for TLS: policies of resources refuse whatever comes unencrypted."""
    pin(address, True)


@patch(iam_actions, "extract_iam_action")
def authorized_action(extract, service, method, path, *request):
    """Names the operations of Smithy RPC too, which the emulator lets through without asking."""
    action = extract(service, method, path, *request)
    if action is None and "/operation/" in path:
        action = f"{iam_actions.SERVICE_TO_IAM_NAMESPACE[service]}:{path.rsplit('/', 1)[1]}"
    return AUTHORIZED_AS.get(action, action)


@patch(iam_actions, "extract_resource_arn")
def named_resource(extract, service, method, path, *request):
    """Looks for no name in the CBOR of Smithy RPC: what we put there, metrics, has no ARN."""
    return "*" if "/operation/" in path else extract(service, method, path, *request)


@patch(iam_actions, "request_tag_context")
def condition_keys(tags, service, action, body, parameters):
    """Adds, for policies, the namespace of metrics and the source of events."""
    keys = tags(service, action, body, parameters)
    if action == "cloudwatch:PutMetricData":
        keys["cloudwatch:namespace"] = cbor2.loads(body)["Namespace"]
    if action == "events:PutEvents":
        sources = {entry.get("Source") for entry in json.loads(body)["Entries"]}
        keys["events:source"] = sources.pop() if len(sources) == 1 else ""
    return keys


@patch(iam_actions, "s3_service_context")
def conditional_writes(context, action, query, path, headers):
    """Adds, for policies, on what condition an object is written."""
    keys = context(action, query, path, headers)
    if condition := headers.get("if-none-match"):
        keys = (keys or {}) | {"s3:if-none-match": condition}
    return keys


@patch(iam_evaluator, "_resolve_condition_key")
def arn_of_the_role(resolve, key, context):
    """Of whoever has assumed a role, `aws:PrincipalArn` is the role."""
    value = resolve(key, context)
    if key.lower() == "aws:principalarn" and ":assumed-role/" in str(value):
        account, role = value.split(":")[4], value.split("/")[1]
        return f"arn:aws:iam::{account}:role/{role}"
    return value


@patch(eventbridge, "_put_events")
def put_events_of_aws(put, request, **_allowed):
    """Lets the checks put the events of AWS services, as there is no CodePipeline here to do it."""
    return put(request, allow_aws_source=True)


@patch(provisioners, "_provision_resource")
def create_with_secrets(create, kind, name, properties, *stack):
    """Resolves `{{resolve:…}}` in nested stacks too."""
    return create(kind, name, engine._resolve_dynamic_references(properties)[0], *stack)


@patch(provisioners, "_provision_resource")
def create_locked(create, kind, name, properties, *stack):
    """Locks what is written into a bucket for the time that its template says."""
    created = create(kind, name, properties, *stack)
    if kind == "AWS::S3::Bucket" and (lock := properties.get("ObjectLockConfiguration")):
        retention = lock["Rule"]["DefaultRetention"]
        retention = {"Mode": retention["Mode"], "Days": int(retention["Days"])}
        s3._bucket_object_lock[created[0]] = {"enabled": True, "default_retention": retention}
    return created


@patch(provisioners, "_update_resource")
def update_with_secrets(update, kind, identifier, old, new, stack, name):
    """The same, and keeps what is known of an unchanged resource: its ARN, for those that refer to it."""
    if new != old:
        new = engine._resolve_dynamic_references(new)[0]
    return update(kind, identifier, old, new, stack, name, _stacks[stack]["_resources"][name]["Attributes"])


def delete_all_but_retained(identifier, properties):
    """Heeds `DeletionPolicy: Retain` in nested stacks."""
    stack = _stacks[provisioners._nested_stack_lookup_name(identifier)]
    for name, definition in stack["_template"]["Resources"].items():
        if definition.get("DeletionPolicy") == "Retain":
            stack["_resources"].pop(name, None)
    delete_stack(identifier, properties)


def create_table_with_policy(logical_id, properties, stack):
    """Keeps the policy that a template gives a table."""
    name, attributes = create_table(logical_id, properties, stack)
    if policy := properties.get("ResourcePolicy"):
        dynamodb._put_resource_policy(
            {"ResourceArn": attributes["Arn"], "Policy": json.dumps(policy["PolicyDocument"])}
        )
    return name, attributes


def table_policy(arn):
    """A table's own policy, for the decision whether a request may pass."""
    policy = dynamodb._resource_policies.get(arn)
    return policy and (policy["Policy"], arn.split(":")[4])


handlers = provisioners._RESOURCE_HANDLERS
for kind in IN_NAME_ONLY:
    assert kind not in handlers, f"{kind} is known now"
    handlers[kind] = {
        "create": lambda name, _properties, stack: (f"{stack}-{name}", {}),
        "update": lambda identifier, *_: (identifier, {}),
        "delete": lambda *_: None,
    }

stacks, tables = handlers["AWS::CloudFormation::Stack"], handlers["AWS::DynamoDB::Table"]
delete_stack, stacks["delete"] = stacks["delete"], delete_all_but_retained
create_table, tables["create"] = tables["create"], create_table_with_policy
dynamodb.table_policy = table_policy
iam_evaluator._RESOURCE_POLICY_LOOKUPS["dynamodb"] = ("dynamodb", "table_policy")

app.main()
