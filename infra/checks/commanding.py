"""The command line: the real binary, called with an environment of its own."""

import http.client
import json
import os
import subprocess
from contextlib import contextmanager
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

    def _environment(self, variables):
        environment = {"HOME": str(self.home), "LANG": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true"}
        return environment | variables

    @contextmanager
    def opened(self, *words, **variables):
        """Runs `open`; gives what asks it as a browser does: method, target, headers, body."""
        running = subprocess.Popen(
            [self.binary, "open", "--no-browser", "--output", "json", *words],
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            printed = json.loads(running.stdout.readline())
            origin = printed["origin"]

            def ask(method, target, headers, body=None):
                connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=30)
                try:
                    own = {"Origin": origin, "Sec-Fetch-Site": "same-origin"} | headers
                    connection.request(method, target, body, own)
                    answer = connection.getresponse()
                    return answer.status, dict(answer.getheaders()), answer.read()
                finally:
                    connection.close()

            status, entered, _ = ask("GET", printed["address"].removeprefix(origin), {})
            assert status == 303, entered
            cookie = entered["set-cookie"].split(";")[0]
            yield lambda method, target, headers=(), body=None: ask(
                method, target, {"Cookie": cookie} | dict(headers), body
            )
        finally:
            running.terminate()
            running.wait(timeout=10)
            running.stdout.close()

    def __call__(self, *words, **variables):
        """Calls it with these words, and with nothing but these variables."""
        finished = subprocess.run(
            [self.binary, *words],
            env=self._environment(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Called(finished.returncode, finished.stdout, finished.stderr)
