"""The command line against an installation: it finds the API by the stack's parameter, and its
signatures are let in where they are right."""

import json

import pytest
from emulation import REGION

ANYBODY = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"},
}
MAY = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
        {"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/*/api-url"},
    ],
}


@pytest.fixture(scope="module")
def user(emulator):
    """The keys of a user who may call the API, and read where it is."""
    # Of the account's root the emulator looks at no signature.
    iam = emulator.client("iam")
    iam.create_user(UserName="ada")
    iam.put_user_policy(UserName="ada", PolicyName="may", PolicyDocument=json.dumps(MAY))
    keys = iam.create_access_key(UserName="ada")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}


@pytest.fixture
def call(command_line, installation, user):
    """Calls the command line as the user, or with what is given in place of that."""
    common = {"AWS_ENDPOINT_URL": installation.emulator.url, "AWS_REGION": REGION}

    def call(*words, **variables):
        return command_line(*words, **(common | user | variables))

    return call


def assumed(emulator, name, *policies):
    """The keys of a new role with these permissions."""
    iam = emulator.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(ANYBODY))["Role"]
    for policy in policies:
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=json.dumps(policy))
    keys = emulator.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="shell")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
        "AWS_SESSION_TOKEN": keys["SessionToken"],
    }


def test_what_it_reports_it_is_told(call, installation):
    # An id and values that a signature has to spell right.
    deployment = "builds:owner/repo@cli/1"
    about = ("--service", "a b+c~d", "--environment", "command line", "--version", "1.0+x")
    recorded = call("record", "--auth", "iam", "--id", deployment, *about, "--status", "completed", "-o", "json")
    assert (recorded.code, json.loads(recorded.stdout)["outcome"]) == (0, "recorded"), recorded

    printed = call("status", "--auth", "iam", deployment, "-o", "json")
    assert (printed.code, json.loads(printed.stdout)["status"]) == (0, "COMPLETED"), printed
    live = call("live", "--auth", "iam", "--service", "a b+c~d", "-e", "command line", "-o", "text")
    assert (live.code, live.stdout.split("\t")[:3]) == (0, ["a b+c~d", "command line", "1.0+x"]), live
    for words in (["history", "-e", "command line"], ["verify", deployment], ["watch", deployment]):
        called = call(*words, "--auth", "iam", "-o", "text")
        assert (called.code, deployment in called.stdout) == (0, True), called

    # The address came from the parameter that the installation has made.
    found = call("config", "--resolve", "--auth", "iam", "-o", "json")
    address = json.loads(found.stdout)["address"]
    assert (found.code, address["value"]) == (0, installation.outputs["ApiUrl"]), found
    assert address["origin"].startswith(f"parameter /{installation.name}/api-url"), found


def test_another_stack_s_parameter_is_not_there(call):
    called = call("live", "--stack", "another")
    assert called.code == 2, called
    assert f"there is no parameter /another/api-url in {REGION}" in called.stderr, called


def test_whoever_does_not_sign_or_signs_wrongly_is_not_let_in(call, installation, user):
    url = installation.outputs["ApiUrl"]
    unsigned = call("live", "--url", url)
    assert (unsigned.code, unsigned.stdout) == (4, ""), unsigned
    assert "Forbidden" in unsigned.stderr and "had no authentication" in unsigned.stderr, unsigned

    wrong = call("live", "--url", url, "--auth", "iam", AWS_SECRET_ACCESS_KEY="not it")
    assert (wrong.code, wrong.stdout) == (4, ""), wrong
    assert f"signed for eu-central-1 with the access key {user['AWS_ACCESS_KEY_ID']}" in wrong.stderr, wrong
    assert "not it" not in wrong.stderr, wrong


def test_keys_of_a_role_may_what_the_role_may(call, emulator, installation):
    reader = assumed(emulator, "command-line-reader", MAY)
    url = installation.outputs["ApiUrl"]
    assert call("history", "--auth", "iam", "--url", url, "-o", "json", **reader).code == 0
    # They are good with their token only.
    forged = call("history", "--auth", "iam", "--url", url, **(reader | {"AWS_SESSION_TOKEN": "another"}))
    assert forged.code == 4, forged

    nobody = assumed(emulator, "command-line-nobody")
    refused = call("history", "--auth", "iam", "--url", url, **nobody)
    assert (refused.code, refused.stdout) == (4, ""), refused
    assert nobody["AWS_ACCESS_KEY_ID"] in refused.stderr, refused
    assert nobody["AWS_SECRET_ACCESS_KEY"] not in refused.stderr, refused
    # Nor may it read the parameter.
    lost = call("history", **nobody)
    assert (lost.code, "AccessDenied" in lost.stderr) == (4, True), lost


def test_a_browser_is_let_in_as_the_user(command_line, installation, user):
    common = {"AWS_ENDPOINT_URL": installation.emulator.url, "AWS_REGION": REGION}
    with command_line.opened("--auth", "iam", **(common | user)) as ask:
        event = {"deploymentId": "browsed:1@2", "service": "a b", "environment": "browsed", "status": "COMPLETED"}
        status, _, body = ask("POST", "/v1/events", {"Content-Type": "application/json"}, json.dumps(event))
        assert status == 201, body
        status, headers, body = ask("GET", "/v1/deployments/browsed:1@2")
        assert (status, json.loads(body)["status"]) == (200, "COMPLETED"), body
        status, _, _ = ask("GET", "/v1/deployments/browsed:1@2", {"If-None-Match": headers["etag"]})
        assert status == 304
        status, _, body = ask("GET", "/v1/live?environment=browsed&service=a+b")
        assert (status, len(json.loads(body)["items"])) == (200, 1), body
