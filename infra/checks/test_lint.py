"""The linters of CloudFormation and SAM find nothing, and no finding is suppressed."""

import pytest

from linters import run
from templates import DIRECTORY, ROOT, is_sam, sources

SOURCES = sources()
EXAMPLES = [
    str(path.relative_to(DIRECTORY))
    for path in sorted(DIRECTORY.glob("examples/*.yaml"))
    if "AWSTemplateFormatVersion" in path.read_text()
]
SAM = [name for name, template in SOURCES.items() if name == ROOT or is_sam(template)]


def test_cfn_lint(tmp_path):
    ended = run("cfn-lint", *SOURCES, *EXAMPLES, home=tmp_path)
    assert (ended.stdout + ended.stderr, ended.returncode) == ("", 0)


@pytest.mark.parametrize("name", SAM)
def test_sam_validate(name, tmp_path):
    ended = run("sam", "validate", "--lint", "--template-file", name, home=tmp_path)
    assert f"{name} is a valid SAM Template" in ended.stdout, ended.stdout + ended.stderr
    assert ended.returncode == 0


def test_cfn_lint_sees_a_mistake(tmp_path):
    storage = (DIRECTORY / "storage.yaml").read_text()
    assert "PAY_PER_REQUEST" in storage
    (tmp_path / "storage.yaml").write_text(storage.replace("PAY_PER_REQUEST", "PAY_PER_LAUGH"))
    ended = run("cfn-lint", "storage.yaml", home=tmp_path, cwd=tmp_path)
    assert "'PAY_PER_LAUGH' is not one of" in ended.stdout
    assert ended.returncode != 0


def test_nothing_is_ignored_but_paths_of_nested_templates():
    """W3002: `sam package` replaces them with addresses in S3."""
    ignored = {}
    for name, template in SOURCES.items():
        parts = {name: template, **template["Resources"]}
        for part, content in parts.items():
            if "cfn-lint" in content.get("Metadata", {}):
                ignored[part] = content["Metadata"]["cfn-lint"]
    assert ignored == {ROOT: {"config": {"ignore_checks": ["W3002"]}}}
    assert list(DIRECTORY.glob("*cfnlintrc*")) + list(DIRECTORY.glob(".cfnlintrc*")) == []
