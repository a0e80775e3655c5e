"""The templates as they are: every invariant holds, in each way to deploy, and each was really looked at."""

import pytest

from invariants import CHECKS
from templates import installations, is_sam, sources

INSTALLATIONS = installations()


@pytest.mark.parametrize("way", INSTALLATIONS)
@pytest.mark.parametrize("check", CHECKS)
def test_holds(check, way):
    assert CHECKS[check](INSTALLATIONS[way]) == []


@pytest.mark.parametrize("way", INSTALLATIONS)
def test_sam_was_expanded(way):
    """Otherwise the rules would pass for want of functions."""
    assert [name for name, template in sources().items() if is_sam(template)]
    assert [one for one in INSTALLATIONS[way].resources() if one.type.startswith("AWS::Serverless")] == []


def test_only_a_gradual_rollout_is_taken_back():
    """SAM leaves out what it thinks is switched off, without a word."""
    at_once, gradual = (
        [one for one in INSTALLATIONS[way].resources() if one.type == "AWS::CodeDeploy::DeploymentGroup"]
        for way in ("all at once", "gradually")
    )
    assert at_once == []
    assert [str(group) for group in gradual] == [
        "event-processor.yaml: FunctionDeploymentGroup",
        "status-query.yaml: FunctionDeploymentGroup",
        "witness.yaml: FunctionDeploymentGroup",
    ]
    for group in gradual:
        assert "DEPLOYMENT_STOP_ON_ALARM" in group.properties["AutoRollbackConfiguration"]["Events"]
