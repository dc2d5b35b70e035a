"""Create the virtual environment that `make run` and `make test` use; standard library only.

Usage: python3 .ci/make_env.py FOLDER EXTRAS        (EXTRAS: "", "dev" or "dev,peers")

Debian's bare python3 has no ensurepip. Then pip's own wheel is fetched from PyPI, its SHA-256
checked against PyPI's record, and pip installs itself from it.
"""

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

MINIMUM = (3, 11)
PIP_RECORD = "https://pypi.org/pypi/pip/json"
ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Make the environment, or say in one line why not."""
    folder, extras = Path(sys.argv[1]), sys.argv[2]
    if sys.version_info < MINIMUM:
        wanted = ".".join(map(str, MINIMUM))
        return fail(
            f"Rankscope needs Python {wanted} or newer and this is {sys.version.split()[0]}: "
            f"install a newer one and say `make PYTHON=python{wanted} run`."
        )
    if importlib.util.find_spec("venv") is None:
        return fail(
            "Python's venv module is missing: install it (Debian: apt-get install python3-venv)."
        )
    python = folder / "bin" / "python"
    try:
        if not usable(python):
            create(folder, python)
        target = f"{ROOT}[{extras}]" if extras else str(ROOT)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        print("Installing Rankscope's dependencies (once; a few hundred megabytes) ...", flush=True)
        subprocess.run([*pip, "--editable", target], check=True)
        # As an installed wheel is: else the first start compiles three hundred modules, and every
        # start does where the environment forbids to keep them.
        compiled = [str(ROOT / name) for name in ("engine", "gui", "rankscope.py")]
        subprocess.run([str(python), "-m", "compileall", "-q", *compiled], check=True)
    except subprocess.CalledProcessError as error:
        return fail(f"Setting up {folder} failed at: {' '.join(map(str, error.cmd[:6]))} ...")
    except (OSError, LookupError, ValueError) as error:
        return fail(
            f"Setting up {folder} failed: {error}. Without a network connection to PyPI, install "
            "python3-venv and ca-certificates (Debian) and try again."
        )
    return 0


def usable(python: Path) -> bool:
    """Whether the environment's interpreter starts and has pip (a copied folder may not)."""
    if not python.exists():
        return False
    call = [str(python), "-c", "import pip"]
    return subprocess.run(call, capture_output=True, check=False).returncode == 0


def create(folder: Path, python: Path) -> None:
    """Make the bare environment and put pip into it."""
    print(f"Creating the environment {folder} ...", flush=True)
    call = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if importlib.util.find_spec("ensurepip") is not None:
        subprocess.run(call, check=True)
        return
    subprocess.run([*call, "--without-pip"], check=True)
    with tempfile.TemporaryDirectory() as temporary:
        wheel = fetch_pip(Path(temporary))
        environment = dict(os.environ, PYTHONPATH=str(wheel))
        call = [str(python), "-m", "pip", "install", "--quiet", "--no-index", str(wheel)]
        subprocess.run(call, check=True, env=environment)


def fetch_pip(folder: Path) -> Path:
    """Download pip's wheel from PyPI and check it against the hash PyPI publishes."""
    with urllib.request.urlopen(PIP_RECORD, timeout=60) as answer:
        files = json.load(answer)["urls"]
    record = next(item for item in files if item["packagetype"] == "bdist_wheel")
    # A mirror of PyPI may name its files relative to the record.
    url = urllib.parse.urljoin(PIP_RECORD, record["url"])
    with urllib.request.urlopen(url, timeout=60) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != record["digests"]["sha256"]:
        raise OSError("the pip downloaded from PyPI does not have the hash that PyPI names")
    wheel = folder / record["filename"]
    wheel.write_bytes(data)
    return wheel


def fail(sentence: str) -> int:
    """Say why on standard error; return the exit status."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
