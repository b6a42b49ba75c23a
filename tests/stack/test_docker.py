"""The image and its composition, as far as they can be tried without a container engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config import env
from tests.stack.running import ROOT, environment

DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text())
OURS = ("prepare", "web", "worker", "beat")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, rest), continued lines joined, comments left out."""
    lines = [line for line in DOCKERFILE.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in joined if line.strip()]


def build_stage() -> list[tuple[str, str]]:
    listed = instructions()
    second = [number for number, (name, _) in enumerate(listed) if name == "FROM"][1]
    return listed[:second]


def copied() -> list[str]:
    return [
        source for name, rest in build_stage() if name == "COPY" for source in rest.split()[:-1]
    ]


def test_every_copied_source_exists_and_reaches_the_builder() -> None:
    allowed = (ROOT / "docker" / "Dockerfile.dockerignore").read_text().splitlines()
    for source in copied():
        assert (ROOT / source).exists(), source
        assert f"!{source.split('/')[0]}" in allowed


@pytest.mark.slow
def test_build_steps_work_on_what_is_copied(tmp_path: Path) -> None:
    """The steps after the installation, in a directory that holds only what the image gets."""
    settings = environment(PYTHONPATH=tmp_path, STABLEDOOR_HOME=tmp_path / "home")
    for name, rest in build_stage():
        if name == "COPY":
            *sources, target = rest.split()
            for source in sources:
                place(ROOT / source, tmp_path / target)
        elif name == "RUN" and "bootstrap.py" not in rest:
            for step in rest.split("&&"):
                run(step.replace("/app", str(tmp_path)), tmp_path, settings)
    assert json.loads((tmp_path / "home" / "static" / "staticfiles.json").read_text())["paths"]
    run(".venv/bin/python -c 'import config.serve, config.celery'", tmp_path, settings)


def place(source: Path, target: Path) -> None:
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
    else:
        (target if str(target).endswith("/") or target.suffix == "" else target.parent).mkdir(
            parents=True, exist_ok=True
        )
        shutil.copy(source, target)


def run(step: str, directory: Path, settings: dict[str, str]) -> None:
    command = step.strip().replace(".venv/bin/python", sys.executable)
    answer = subprocess.run(
        ["/bin/sh", "-ec", command],
        cwd=directory,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, f"{step}: {answer.stdout}{answer.stderr}"


def test_image_does_not_run_as_root() -> None:
    users = [rest for name, rest in instructions() if name == "USER"]
    assert users[-1:] == ["10001"]


def test_image_examines_its_own_health() -> None:
    (health,) = [rest for name, rest in instructions() if name == "HEALTHCHECK"]
    assert "http://127.0.0.1:8000/healthz" in health


def test_composition_passes_secrets_by_file_alone() -> None:
    for service in OURS:
        given = COMPOSE["services"][service]["environment"]
        by_file = {name for name in given if name.endswith("_FILE")}
        assert by_file == {"DATABASE_URL_FILE", "SECRET_KEY_FILE", "EMAIL_URL_FILE"}
        assert {Path(given[name]).name for name in by_file} == set(
            COMPOSE["services"][service]["secrets"]
        )


def test_composition_sets_only_known_variables() -> None:
    known = {variable.name for variable in env.TABLE} | {"STABLEDOOR_PROCESS"}
    for service in OURS:
        given = COMPOSE["services"][service]["environment"]
        assert {name.removesuffix("_FILE") for name in given} <= known


def test_composition_waits_for_health_and_migrations() -> None:
    waits = {
        name: {other: how["condition"] for other, how in service.get("depends_on", {}).items()}
        for name, service in COMPOSE["services"].items()
    }
    ready = {"prepare": "service_completed_successfully", "redis": "service_healthy"}
    assert waits == {
        "database": {},
        "redis": {},
        "prepare": {"database": "service_healthy", "redis": "service_healthy"},
        "web": ready,
        "worker": ready,
        "beat": {"worker": "service_started"},
    }


def test_secrets_are_made_once_and_fit_the_table(tmp_path: Path) -> None:
    script = shutil.copy(ROOT / "docker" / "make_secrets", tmp_path)
    given = {"PATH": os.environ["PATH"], "EMAIL_URL": "smtp://mail.example"}
    made = []
    for _ in range(2):
        subprocess.run([script], env=given, check=True, capture_output=True)
        made.append({path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert set(made[0]) == set(COMPOSE["secrets"])
    names = {"database_url": "DATABASE_URL", "secret_key": "SECRET_KEY", "email_url": "EMAIL_URL"}
    values = env.load(
        {f"{variable}_FILE": str(tmp_path / "secrets" / name) for name, variable in names.items()}
    )
    assert values["DATABASE_URL"]["HOST"] == "database"
    assert values["DATABASE_URL"]["PASSWORD"] == made[0]["database_password"].strip()


def test_engine_accepts_the_composition(tmp_path: Path) -> None:
    docker = shutil.which("docker")
    if not docker or subprocess.run([docker, "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed here")
    command = [docker, "compose", "-f", "docker/compose.yaml", "config", "--quiet"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stderr) == (0, "")
