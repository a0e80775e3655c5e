"""What the deployment checks share: the emulator, the built templates, and one installation."""

import json
import os
from contextlib import suppress

import pytest

from building import built_template
from calling import call
from commanding import CommandLine
from emulation import Emulator
from installation import Installation, deploy

# What webhooks are proven with. GitLab's changes just now, so both of its tokens are right.
WEBHOOK_SECRETS = {
    "github": "a secret of GitHub's webhooks",
    "gitlab": ["the-new-token-of-gitlab", "the-old-token-of-gitlab"],
    "argocd": "a secret of Argo CD's webhooks",
    "flux": "a secret of Flux's webhooks",
}
RULES = [
    {"name": "shops", "source": "aws.codepipeline", "when": {"pipeline": "{service}-to-{environment}"}},
    {
        "name": "builds",
        "source": "aws.codebuild",
        "when": {"project": "*-to-built"},
        "environment": "built",
        "deployment": True,
    },
]


@pytest.fixture(scope="session")
def emulator(tmp_path_factory):
    """AWS, as far as it can be had on one machine."""
    python = os.environ.get("EMULATOR_PYTHON")
    assert python, "EMULATOR_PYTHON must name the python of requirements-emulator.txt; infra/check sets it"
    running = Emulator(python, tmp_path_factory.mktemp("emulator"))
    try:
        running.wait_until_it_answers()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The root template, built."""
    return built_template(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def installation(emulator, template) -> Installation:
    """An installation that watches production. Tests share it, and name deployments of their own."""
    emulator.client("secretsmanager").create_secret(Name="webhooks", SecretString=json.dumps(WEBHOOK_SECRETS))
    deployed = deploy(
        emulator,
        template,
        "deployment-status",
        EnvironmentClass="development",
        WatchedEnvironment="production",
        ActiveAbove=2,
        WebhookSecretName="webhooks",
        AlertEmail="team@example.com",
    )
    assert call(deployed, "PUT", "/v1/settings", {"rules": RULES}).status == 201
    return deployed


@pytest.fixture(scope="session")
def command_line(tmp_path_factory):
    """The command line's binary, in an empty home."""
    return CommandLine(tmp_path_factory.mktemp("home"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Shows what the emulator and the functions logged when a check on them fails."""
    report = yield
    running = item.funcargs.get("emulator") if hasattr(item, "funcargs") else None
    if report.failed and running:
        with suppress(OSError):
            report.sections.append(("the emulator's log", running.log_tail()))
    return report
