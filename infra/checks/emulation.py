"""The emulator as a process: started on a free port of loopback, ended with all that it started."""

import os
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import boto3
from botocore.config import Config

from waiting import until

ACCOUNT = "123456789012"
REGION = "eu-central-1"
HERE = Path(__file__).parent


class Emulator:
    """A running emulator, and how to reach it."""

    def __init__(self, python, directory):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.directory = directory
        self.log = directory / "emulator.log"
        # Nothing of whoever runs the checks: neither credentials nor endpoints nor profiles.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_"))}
        self.environment = kept | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "SAM_CLI_TELEMETRY": "0",
        }
        own = {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            # Signatures are verified, and policies of roles and resources are enforced.
            "AUTH": "true",
            "TMPDIR": str(directory),
        }
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [python, HERE / "emulator.py"],
                env=self.environment | own,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Functions are its children; the group is ended as one.
                start_new_session=True,
            )

    def wait_until_it_answers(self):
        def answers():
            assert self.process.poll() is None, f"the emulator ended with {self.process.returncode}"
            with socket.socket() as connection:
                return connection.connect_ex(("127.0.0.1", self.port)) == 0

        until(answers, "the emulator listens", seconds=60)

    def client(self, service):
        """A client of one AWS service."""
        return boto3.Session(
            aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION
        ).client(
            service,
            endpoint_url=self.url,
            config=Config(retries={"total_max_attempts": 2}, connect_timeout=5, read_timeout=60, proxies={}),
        )

    def log_tail(self, lines=60):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self):
        """Ends the emulator and the functions, which would outlive it."""
        for ending in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, ending)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(5)


def free_port():
    """A port of loopback that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
