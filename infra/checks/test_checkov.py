"""Checkov finds nothing in the expanded templates but what checkov-waivers.yaml has, with its reason."""

import json
import os
from pathlib import Path

import pytest
import yaml

from linters import run
from templates import installations

WAIVERS = yaml.safe_load((Path(__file__).parent / "checkov-waivers.yaml").read_text())


def scanned(templates, directory):
    """What checkov says of templates, each in a file."""
    for name, template in templates.items():
        (directory / name).with_suffix(".json").write_text(json.dumps(template, indent=1))
    home = directory / "home"
    home.mkdir()
    ended = run(
        os.environ.get("CHECKOV", "checkov"),
        *("--directory", str(directory), "--framework", "cloudformation"),
        *("--skip-download", "--compact", "--output", "json"),
        home=home,
        cwd=home,
    )
    assert ended.returncode in (0, 1), ended.stderr
    return json.loads(ended.stdout)


def found(report):
    """Each finding: the check's number, and the template and resource."""
    return {
        (
            failed["check_id"],
            f"{Path(failed['file_path']).with_suffix('.yaml').name}: {failed['resource'].split('.')[-1]}",
        )
        for failed in report["results"]["failed_checks"]
    }


@pytest.fixture(scope="module", params=["all at once", "gradually"])
def expanded(request):
    return installations()[request.param]


@pytest.fixture(scope="module")
def report(expanded, tmp_path_factory):
    return scanned(expanded.templates, tmp_path_factory.mktemp("checkov"))


def test_every_resource_was_looked_at(expanded, report):
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["skipped"] == 0
    assert report["summary"]["resource_count"] == len(expanded.resources())


def test_findings_are_those_that_are_waived(report):
    waived = [
        (check, resource)
        for check, waivers in WAIVERS.items()
        for waiver in waivers
        for resource in waiver["resources"]
    ]
    assert len(waived) == len(set(waived)), "waived twice"
    assert found(report) - set(waived) == set(), "found, and not waived"
    assert set(waived) - found(report) == set(), "waived, and no longer found"


def test_every_waiver_has_a_reason():
    for check, waivers in WAIVERS.items():
        for waiver in waivers:
            assert len(waiver["because"].split()) > 5, check


def test_checkov_sees_a_topic_that_is_not_encrypted(tmp_path):
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "deployments"}}
    report = scanned({"notifications.yaml": {"Resources": {"Topic": topic}}}, tmp_path)
    assert ("CKV_AWS_26", "notifications.yaml: Topic") in found(report)
