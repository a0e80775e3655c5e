"""The command line: the real binary, called with an environment of its own."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from building import INFRA

ROOT = INFRA.parent


@dataclass
class Called:
    """How a call ended, and what it printed."""

    code: int
    stdout: str
    stderr: str


class CommandLine:
    """The binary: that in DEPLOYMENT_STATUS_BINARY, or one built from here."""

    def __init__(self, home):
        self.home = home
        if ready := os.environ.get("DEPLOYMENT_STATUS_BINARY"):
            self.binary = Path(ready).resolve()
        else:
            built = ["cargo", "build", "--quiet", "--package", "cli"]
            subprocess.run(built, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=1800, check=True)
            self.binary = ROOT / "target" / "debug" / "deployment-status"
        assert self.binary.is_file(), f"there is no {self.binary}"

    def __call__(self, *words, **variables):
        """Calls it with these words, and with nothing but these variables."""
        environment = {"HOME": str(self.home), "LANG": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}
        finished = subprocess.run(
            [self.binary, *words],
            env=environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Called(finished.returncode, finished.stdout, finished.stderr)
