"""The templates with the functions' binaries, ready to be deployed."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

INFRA = Path(__file__).parents[1]
BUILT = INFRA.parent / "target" / "infra" / "build"
FUNCTIONS = ("event-processor", "status-query", "witness")
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]

# The virtual environment of whoever runs the checks: sam, and cargo-lambda for it.
TOOLS = Path(sys.executable).parent


def built_template(directory):
    """Builds as an operator does, with `sam build`; returns the root template.

    With LAMBDA_BINARIES, a directory with `event-processor/bootstrap` and the same of the other functions,
    it takes those instead, which saves minutes. All else is the same.
    """
    if binaries := os.environ.get("LAMBDA_BINARIES"):
        return template_with(Path(binaries).resolve(), directory)
    # Of whoever runs the checks, nothing that redirects the build.
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "CARGO_TARGET_DIR"))
    }
    subprocess.run(
        [TOOLS / "sam", "build", "--build-dir", BUILT, "--parameter-overrides", f"Architecture={ARCHITECTURE}"],
        cwd=INFRA,
        env=environment | {"PATH": f"{TOOLS}:{os.environ['PATH']}", "SAM_CLI_TELEMETRY": "0"},
        stdin=subprocess.DEVNULL,
        timeout=1800,
        check=True,
    )
    return BUILT / "template.yaml"


def template_with(binaries, directory):
    """The templates, copied, with ready-made binaries in place of sources."""
    for template in INFRA.glob("*.yaml"):
        shutil.copy(template, directory)
    for function in FUNCTIONS:
        assert (binaries / function / "bootstrap").is_file(), f"LAMBDA_BINARIES has no {function}/bootstrap"
        template = directory / f"{function}.yaml"
        before, source, after = template.read_text().partition("CodeUri: ..\n")
        assert source, f"{function}.yaml has no `CodeUri: ..`"
        template.write_text(f"{before}CodeUri: {binaries / function}\n{after}")
    return directory / "template.yaml"
