"""Gate: the wheel, installed into a clean environment, works from another folder, its configuration inside."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path = ROOT) -> str:
    """Standard output of `command`; its own message and exit 1 when it fails."""
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}\nexit {done.returncode}")
    return done.stdout


def main() -> None:
    """Build, install, run the commands a new user runs first."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder)
        (wheel,) = folder.glob("*.whl")
        run(sys.executable, "-m", "venv", folder / "venv")
        python = folder / "venv" / "bin" / "python"
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "-r", ROOT / "requirements-pip.lock")
        run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock")
        run(*pip, "--no-deps", wheel)
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        command = folder / "venv" / "bin" / "callwatch"
        assert "harvest" in run(command, "--help", cwd=elsewhere)
        assert "eu_funding_tenders" in run(command, "portals", "list", cwd=elsewhere)
        demo = run(command, "demo", cwd=elsewhere)
        assert "digest" in demo, demo
        sys.stdout.write(f"{wheel.name} works from another folder\n")


if __name__ == "__main__":
    main()
