"""Runs the linters that are programs of their own: without an account, or anybody's settings."""

import json
import os
import shutil
import subprocess
import time

import pytest

from templates import DIRECTORY, REGION


def run(program, *arguments, home, cwd=DIRECTORY, **environment):
    """What the program printed, and how it ended. A program that is missing is a failure, not a skip.

    `home` is an empty directory, where it finds no settings and may leave what it likes.
    """
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"{program} is not there; infra/check installs what the checks need")
    # Both SAM and checkov would otherwise ask the package index for a newer version of themselves.
    (home / "metadata.json").write_text(json.dumps({"telemetryEnabled": False, "lastVersionCheck": time.time()}))
    settings = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CKV_", "CHECKOV_"))
    }
    settings |= {"HOME": str(home), "__SAM_CLI_APP_DIR": str(home), "SAM_CLI_TELEMETRY": "0"}
    settings |= {"AWS_DEFAULT_REGION": REGION, "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", **environment}
    return subprocess.run([found, *arguments], cwd=cwd, env=settings, capture_output=True, text=True)
