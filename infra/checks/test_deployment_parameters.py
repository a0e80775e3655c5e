"""Parameters that can't be meant are refused before anything is made, in the template's own words."""

import pytest
from botocore.exceptions import ClientError
from samcli.yamlhelper import yaml_parse

from building import INFRA
from installation import sam

DECLARED = yaml_parse((INFRA / "template.yaml").read_text())["Parameters"]

WRONG = [
    ("AlarmPrefixes", "cart-,"),
    ("SuggestionBus", "default"),
    ("AlertEmail", "team"),
    ("AlertHttpsUrl", "http://example.com"),
    ("DurationAboveSeconds", "0"),
    ("LoginIssuer", "http://example.com"),
    ("MetricsNamespace", "AWS/Lambda"),
    ("Notify", "production:DONE"),
    ("PagesUrl", "http://example.com"),
    ("StuckAfterMinutes", "0"),
    ("SuccessRateBelow", "101"),
    ("WebhookSecretName", "the secret of GitHub"),
]

CONTRADICTIONS = {
    "tokens of no issuer": (
        {"Authorization": "jwt", "JwtAudience": "deployments", "JwtSubjects": "*"},
        "JwtIssuer is required with Authorization=jwt",
    ),
    "tokens for nobody": (
        {"Authorization": "jwt", "JwtIssuer": "https://example.com", "JwtSubjects": "*"},
        "JwtAudience is required with Authorization=jwt",
    ),
    "tokens of anybody": (
        {"Authorization": "jwt", "JwtIssuer": "https://example.com", "JwtAudience": "deployments"},
        "JwtSubjects is required with Authorization=jwt",
    ),
    "a login at no issuer": (
        {"Login": "oidc", "LoginClientId": "us", "LoginSecretName": "login"},
        "LoginIssuer is required with Login=oidc",
    ),
    "an issuer at which nobody logs in": (
        {"LoginIssuer": "https://example.com"},
        "LoginIssuer is of use with Login=oidc only",
    ),
    "a workspace without a channel": (
        {"SlackWorkspaceId": "T0123456789"},
        "SlackChannelId is required with SlackWorkspaceId",
    ),
}


@pytest.fixture(scope="module")
def body(emulator, template):
    """The root template as `sam deploy` would send it."""
    packaged = emulator.directory / "packaged.yaml"
    sam(emulator, "package", "--template-file", template, "--resolve-s3", "--output-template-file", packaged)
    return packaged.read_text()


def ask_for(emulator, body, stack, parameters):
    """The first thing that `sam deploy` does."""
    emulator.client("cloudformation").create_change_set(
        StackName=stack,
        ChangeSetName="asked",
        ChangeSetType="CREATE",
        TemplateBody=body,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )


def refusal(emulator, body, parameters):
    """Why nothing is made, and nothing is."""
    with pytest.raises(ClientError) as refused:
        ask_for(emulator, body, "refused", parameters)
    stacks = emulator.client("cloudformation").list_stacks()["StackSummaries"]
    assert "refused" not in {stack["StackName"] for stack in stacks}
    return refused.value.response["Error"]["Message"]


def test_right_parameters_are_accepted(emulator, body):
    ask_for(emulator, body, "accepted", {"AlertEmail": "team@example.com", "SuccessRateBelow": "99.5"})


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_parameter_is_refused_with_what_it_must_be(emulator, body, name, value):
    must_be = DECLARED[name]["ConstraintDescription"]
    assert must_be.startswith("must be ")
    assert f"Parameter '{name}' {must_be}" in refusal(emulator, body, {name: value})


def test_an_unknown_class_is_refused(emulator, body):
    # In the emulator's words; AWS says those of the template here too.
    answer = refusal(emulator, body, {"EnvironmentClass": "prod"})
    assert "'EnvironmentClass' value 'prod' is not in AllowedValues: ['development', 'staging', 'production']" in answer


@pytest.mark.parametrize("mistake", CONTRADICTIONS)
def test_parameters_that_contradict_each_other_are_refused(emulator, body, mistake):
    parameters, reason = CONTRADICTIONS[mistake]
    assert reason in refusal(emulator, body, parameters)
