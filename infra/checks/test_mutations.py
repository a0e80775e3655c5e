"""Each check, tried on templates that are wrong: it must complain, and say about what.

A check that has only ever passed may be one that can't fail.
"""

from copy import deepcopy

import pytest

from invariants import CHECKS
from mutations import MUTATIONS
from templates import ROOT, installations, sources

SOURCES = sources()


@pytest.mark.parametrize(
    "check, change, about",
    [
        pytest.param(check, change, about, id=f"{what} -> {check}")
        for check, what, change, about in MUTATIONS
    ],
)
def test_is_noticed(check, change, about):
    broken = deepcopy(SOURCES)
    change(broken)
    for way, installation in installations(broken).items():
        complaints = CHECKS[check](installation)
        assert [one for one in complaints if one.startswith(f"{about}:")], f"{way}: {complaints}"


@pytest.mark.parametrize("check", CHECKS)
def test_check_is_tried(check):
    assert check in [tried for tried, *_ in MUTATIONS]


@pytest.mark.parametrize("check", CHECKS)
def test_having_nothing_to_check_is_a_complaint(check):
    for installation in installations({ROOT: {"Resources": {}}}).values():
        assert [one for one in CHECKS[check](installation) if one.startswith("skipped: ")]
