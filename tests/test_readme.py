"""The README's tutorial, run as a reader would run it: each shown line of output must be there."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)


def test_the_tutorial_does_what_it_shows(tmp_path):
    """One shell runs all commands, so that `export` holds for the next one."""
    (tmp_path / "api").symlink_to(ROOT / "api")
    steps = [step for block in BLOCK.findall((ROOT / "README.md").read_text("utf-8")) for step in read_steps(block)]
    assert len(steps) > 8
    marker = "--- step ---"
    script = "\n".join(f"echo '{marker}'\n{{ {command}\n}} 2>&1" for command, _ in steps)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    outputs = done.stdout.split(marker)[1:]
    for (command, shown), output in zip(steps, outputs, strict=True):
        for line in shown:
            assert line.strip() in output, f"after {command!r}:\n{output}"


def read_steps(block: str) -> list[tuple[str, list[str]]]:
    steps: list[tuple[str, list[str]]] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif line.strip():
            steps[-1][1].append(line)
    return steps
