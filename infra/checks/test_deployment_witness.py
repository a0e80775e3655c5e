"""The witness: anchors that an auditor can prove, and what a stolen role does is noticed."""

import base64
import json
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

from building import INFRA
from calling import call
from emulation import REGION
from subscribing import Subscriber
from test_deployment_permissions import keys_of_user


def anchor(installation, emulator):
    """Asks the witness for an anchor of the moment; returns its record."""
    answer = emulator.client("lambda").invoke(
        FunctionName=f"{installation.name}-witness", Qualifier="live", Payload=json.dumps({"anchor": "now"})
    )
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload["anchors"][-1]["record"]


def client_with_the_role_of(stack, service, installation, emulator):
    """A client of a service that may do what the role of a function may."""
    cloudformation, iam = emulator.client("cloudformation"), emulator.client("iam")
    [nested] = [
        found["StackName"]
        for found in cloudformation.describe_stacks()["Stacks"]
        if found["StackName"].startswith(f"{installation.name}-{stack}")
    ]
    resources = cloudformation.list_stack_resources(StackName=nested)["StackResourceSummaries"]
    [role] = [one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == "Role"]
    [policy] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    statements = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]
    user = keys_of_user(emulator, Action="sts:GetCallerIdentity", Resource="*")
    [name] = [
        name
        for name in (one["UserName"] for one in iam.list_users()["Users"])
        if [key for key in iam.list_access_keys(UserName=name)["AccessKeyMetadata"] if key["AccessKeyId"] == user.access_key]
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    iam.put_user_policy(UserName=name, PolicyName="stolen", PolicyDocument=json.dumps(document))
    session = boto3.Session(user.access_key, user.secret_key, region_name=REGION)
    return session.client(service, endpoint_url=emulator.url)


def test_an_anchor_is_kept_once_told_and_proven_by_an_auditor(installation, emulator, command_line, tmp_path):
    subscriber = Subscriber(installation, {"type": ["ANCHORED"]})
    assert call(installation, "POST", "/v1/events", {"deploymentId": "anchored-1", "status": "CANCELLED"}).status == 201
    record = anchor(installation, emulator)
    told = subscriber.wait_for(lambda found: found["Message"]["record"] == record, "the root")
    assert told["Message"]["severity"] == "info"

    bucket, s3 = installation.outputs["AnchorsBucket"], emulator.client("s3")
    folder = tmp_path / "anchors"
    folder.mkdir()
    versions = [one for one in s3.list_object_versions(Bucket=bucket)["Versions"] if one["Key"].endswith(".json")]
    for version in sorted(versions, key=lambda version: version["LastModified"]):
        path = folder / version["Key"]
        if path.suffix == ".json" and "/" not in version["Key"] and not path.exists():
            found = s3.get_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
            path.write_bytes(found["Body"].read())
    name = f"{record['number']:06}.json"
    assert json.loads((folder / name).read_text())["record"] == record
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key=name, Body=b"{}", IfNoneMatch="*")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 412)
    # Not even the account's root removes it: it is locked.
    [locked] = [version["VersionId"] for version in versions if version["Key"] == name]
    with pytest.raises(ClientError) as refused:
        s3.delete_object(Bucket=bucket, Key=name, VersionId=locked, BypassGovernanceRetention=True)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403

    public = emulator.client("kms").get_public_key(KeyId=installation.outputs["SigningKeyArn"])["PublicKey"]
    key = tmp_path / "anchors.key"
    key.write_text(base64.b64encode(public).decode())
    lines = [
        json.dumps(line)
        for day in {record["day"], told["Timestamp"][:10]}
        for line in call(installation, "GET", f"/v1/export?day={day}&limit=100").body["items"]
        if line["recordedAt"] <= record["lastRecordedAt"] and line["subject"] == "DEPLOYMENT#anchored-1"
    ]
    header = {
        "since": "2026-01-01T00:00:00.000Z", "until": told["Timestamp"], "completeUntil": record["closedUntil"],
        "environment": "unknown", "madeAt": told["Timestamp"], "retentionDays": 0,
    }
    export = tmp_path / "export.jsonl"
    export.write_text("\n".join([json.dumps({"export": header}), *sorted(set(lines))]) + "\n")
    ours = command_line("verify", "--export", str(export), "--anchors", str(folder), "--key", str(key))
    assert (ours.code, ours.stderr) == (0, ""), ours
    python = [sys.executable, INFRA.parent / "docs" / "verify.py", export, folder, key]
    theirs = subprocess.run(python, capture_output=True, text=True, timeout=120)
    assert theirs.returncode == 0, theirs.stdout + theirs.stderr


def test_a_stolen_role_of_event_processor_writes_over_history_and_is_noticed(installation, emulator):
    subscriber = Subscriber(installation, {"type": ["HISTORY_MODIFIED"]})
    assert call(installation, "POST", "/v1/events", {"deploymentId": "stolen-1", "status": "CANCELLED"}).status == 201
    table = installation.outputs["HistoryTable"]
    dynamodb = client_with_the_role_of("EventProcessor", "dynamodb", installation, emulator)
    [row] = installation.rows("HistoryTable", "DEPLOYMENT#stolen-1")
    [item] = emulator.client("dynamodb").query(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "DEPLOYMENT#stolen-1"}},
    )["Items"]
    key = {"pk": item["pk"], "sk": item["sk"]}
    for refused in (
        lambda: dynamodb.put_item(TableName=table, Item=item),
        lambda: dynamodb.delete_item(TableName=table, Key=key),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": table, "Key": key}}]),
    ):
        with pytest.raises(ClientError) as refusal:
            refused()
        assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"

    forged = item | {"payload": {"S": row["payload"].replace("CANCELLED", "COMPLETED")}, "hash": {"S": "f" * 64}}
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": forged}}])

    def is_of_it(found):
        return [one for one in found["Message"]["modifications"] if one["subject"] == "DEPLOYMENT#stolen-1"]

    told = subscriber.wait_for(is_of_it, "the notification", seconds=90)
    [found] = is_of_it(told)
    assert (found["how"], found["hashBefore"], found["hashAfter"]) == ("REWRITTEN", row["hash"], "f" * 64)
    bucket = installation.outputs["AnchorsBucket"]
    kept = emulator.client("s3").get_object(Bucket=bucket, Key=found["keptAs"])["Body"].read()
    assert json.loads(kept)["payload"] == item["payload"]


@pytest.mark.parametrize("stack", ["EventProcessor", "StatusQuery"])
def test_who_writes_or_answers_can_neither_sign_nor_keep_nor_read_anchors(installation, emulator, stack):
    anchor(installation, emulator)
    bucket, key = installation.outputs["AnchorsBucket"], installation.outputs["SigningKeyArn"]
    s3 = client_with_the_role_of(stack, "s3", installation, emulator)
    kms = client_with_the_role_of(stack, "kms", installation, emulator)
    for refused in (
        lambda: s3.put_object(Bucket=bucket, Key="000009.json", Body=b"{}", IfNoneMatch="*"),
        lambda: s3.get_object(Bucket=bucket, Key="000001.json"),
        lambda: kms.sign(KeyId=key, Message=b"x", SigningAlgorithm="ECDSA_SHA_256"),
    ):
        with pytest.raises(ClientError) as refusal:
            refused()
        assert refusal.value.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException")


def test_the_witness_can_write_neither_table(installation, emulator):
    dynamodb = client_with_the_role_of("Witness", "dynamodb", installation, emulator)
    item = {"pk": {"S": "DEPLOYMENT#witnessed"}, "sk": {"S": "EVENT#x"}}
    for table in ("HistoryTable", "StateTable"):
        with pytest.raises(ClientError) as refusal:
            dynamodb.transact_write_items(
                TransactItems=[{"Put": {"TableName": installation.outputs[table], "Item": item}}]
            )
        assert refusal.value.response["Error"]["Code"] == "AccessDeniedException"
