"""What policies forbid, and to whom. That they allow what the functions do, all other checks show."""

import json
import uuid

import boto3
import pytest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from calling import call
from emulation import REGION
from installation import deploy


def keys_of_user(emulator, **statement):
    """The credentials of a new user who may do what the statement says."""
    iam, name = emulator.client("iam"), f"user-{uuid.uuid4()}"
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow"} | statement}
    iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])


def test_who_may_only_ask_may_not_report(installation, emulator):
    api = installation.outputs["ApiUrl"].split("//")[1].split(".")[0]
    reading = f"arn:aws:execute-api:{REGION}:123456789012:{api}/*/GET/*"
    reader = keys_of_user(emulator, Action="execute-api:Invoke", Resource=reading)
    stranger = keys_of_user(emulator, Action="s3:ListAllMyBuckets", Resource="*")
    forger = Credentials(reader.access_key, "another secret")

    def status(caller, *request):
        return call(installation, *request, signed_by=caller).status

    event = {"deploymentId": "may-1", "status": "CANCELLED"}
    assert [status(reader, "GET", "/v1/live"), status(reader, "POST", "/v1/events", event)] == [200, 403]
    assert [status(caller, "GET", "/v1/live") for caller in (stranger, forger)] == [403, 403]
    assert [status(caller, "POST", "/v1/events", event) for caller in (stranger, forger)] == [403, 403]
    assert installation.rows("HistoryTable", "DEPLOYMENT#may-1") == []


def test_with_tokens_a_signature_is_worth_nothing(emulator, template):
    tokens = {"JwtIssuer": "https://example.com", "JwtAudience": "deployments", "JwtSubjects": "example"}
    taking = deploy(emulator, template, "tokens", MetricsNamespace="Tokens", Authorization="jwt", **tokens)

    for method, path in (("GET", "/v1/live"), ("POST", "/v1/events"), ("GET", "/no-such-route")):
        signed, unsigned = call(taking, method, path), call(taking, method, path, signed_by=None)
        forged = call(taking, method, path, signed_by=None, headers={"Authorization": "Bearer e30.e30.e30"})
        assert [signed.status, unsigned.status, forged.status] == [401, 401, 401]
    assert call(taking, "GET", "/healthz", signed_by=None).status == 200


@pytest.fixture(scope="module")
def administrator(emulator):
    """A client of DynamoDB that may do everything, as far as its own policy goes."""
    keys = keys_of_user(emulator, Action="*", Resource="*")
    return boto3.Session(keys.access_key, keys.secret_key, region_name=REGION).client(
        "dynamodb", endpoint_url=emulator.url
    )


WAYS = {
    "UpdateItem": lambda client, table, item, key: client.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET sequence = :n",
        ExpressionAttributeValues={":n": {"N": "7"}},
    ),
    "DeleteItem": lambda client, table, item, key: client.delete_item(TableName=table, Key=key),
    "PutItem": lambda client, table, item, key: client.put_item(TableName=table, Item=item),
    "BatchWriteItem": lambda client, table, item, key: client.batch_write_item(
        RequestItems={table: [{"DeleteRequest": {"Key": key}}]}
    ),
    "a delete in a transaction": lambda client, table, item, key: client.transact_write_items(
        TransactItems=[{"Delete": {"TableName": table, "Key": key}}]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_nobody_changes_history_whatever_they_may(installation, administrator, way):
    deployment = f"kept-{way.replace(' ', '-')}"
    assert call(installation, "POST", "/v1/events", {"deploymentId": deployment, "status": "CANCELLED"}).status == 201
    table = installation.outputs["HistoryTable"]
    [item] = administrator.query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"DEPLOYMENT#{deployment}"}},
    )["Items"]

    with pytest.raises(ClientError) as refusal:
        WAYS[way](administrator, table, item, {"pk": item["pk"], "sk": item["sk"]})
    assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "explicit deny in a resource-based policy" in str(refusal.value)
    assert call(installation, "GET", f"/v1/deployments/{deployment}/verify").body["intact"] is True
