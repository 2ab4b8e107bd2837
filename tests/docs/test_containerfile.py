"""The Containerfile builds from what a wheel is made of and from nothing else, and starts a command that there is.

No container engine runs here: the image itself was built and run by hand (docs/decisions/0044-the-image.md).
"""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.specifiers import SpecifierSet

from projects.cli.commands import build

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROGRAM = "earmark"

_IMAGE = re.compile(r"docker\.io/library/python:(\d+\.\d+)-slim")
_RUN = re.compile(r"podman run (.*?)$", re.MULTILINE)


def instructions(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Containerfile with their arguments, without comments and folded lines."""
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]


def stages() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the instructions of the stage that builds and of the one that runs."""
    found = instructions((ROOT / "Containerfile").read_text(encoding="utf-8"))
    starts = [number for number, (word, _) in enumerate(found) if word == "FROM"]
    assert starts[0] == 0
    assert len(starts) == 2
    return found[: starts[1]], found[starts[1] :]


def all_of(stage: list[tuple[str, str]], word: str) -> list[str]:
    return [rest for each, rest in stage if each == word]


def test_only_what_a_wheel_is_made_of_is_copied() -> None:
    copied = {source for rest in all_of(stages()[0], "COPY") for source in rest.split()[:-1]}
    project = PROJECT["project"]
    made_of = {*PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"], *project["license-files"]}
    assert copied == {*made_of, project["readme"], "pyproject.toml", "constraints.txt"}
    assert all((ROOT / source).exists() for source in copied)


def test_a_folder_keeps_its_name_where_it_is_copied_to() -> None:
    for rest in all_of(stages()[0], "COPY"):
        *sources, target = rest.split()
        assert all(target == (f"/src/{name}" if (ROOT / name).is_dir() else "/src/") for name in sources)


def test_nothing_of_the_stage_that_builds_runs_but_its_environment() -> None:
    build_stage, run_stage = stages()
    [made] = re.findall(r"python -m venv (\S+)", " ".join(all_of(build_stage, "RUN")))
    assert all_of(run_stage, "COPY") == [f"--from=build {made} {made}"]
    assert any(rest.startswith(f"PATH={made}/bin:") for rest in all_of(run_stage, "ENV"))


def test_both_stages_have_one_python_that_the_program_takes() -> None:
    images = {rest.split()[0] for stage in stages() for rest in all_of(stage, "FROM")}
    assert len(images) == 1, "an environment runs with the Python that made it"
    found = _IMAGE.fullmatch(images.pop())
    assert found
    assert found[1] in SpecifierSet(PROJECT["project"]["requires-python"])


def test_the_extras_that_are_installed_are_there() -> None:
    [extras] = re.findall(r'"/src\[([^\]]+)\]"', " ".join(all_of(stages()[0], "RUN")))
    assert set(extras.split(",")) <= set(PROJECT["project"]["optional-dependencies"])


def test_it_runs_as_an_ordinary_user_in_its_volume_and_is_stopped_by_the_signal_that_lets_it_finish() -> None:
    run_stage = stages()[1]
    [user], [folder] = all_of(run_stage, "USER"), all_of(run_stage, "VOLUME")
    assert f"useradd --uid 10001 --gid {user} " in " ".join(all_of(run_stage, "RUN"))
    assert f"EARMARK_WORKSPACE={folder}/office" in " ".join(all_of(run_stage, "ENV"))
    assert all_of(run_stage, "WORKDIR") == [folder]
    assert all_of(run_stage, "STOPSIGNAL") == ["SIGINT"]


def commands() -> Iterator[list[str]]:
    """Yield the words behind `earmark` that the image and the guide's `podman run` start."""
    run_stage = stages()[1]
    [entry], [words] = all_of(run_stage, "ENTRYPOINT"), all_of(run_stage, "CMD")
    assert json.loads(entry) == [PROGRAM] == list(PROJECT["project"]["scripts"])
    yield json.loads(words)
    guide = (ROOT / "docs" / "administrator.md").read_text(encoding="utf-8")
    [section] = re.findall(r"### In a container\n(.*?)\n### ", guide, re.DOTALL)
    for started in _RUN.findall(section.replace("\\\n", " ")):
        typed = shlex.split(started)
        if PROGRAM in typed:
            yield typed[typed.index(PROGRAM) + 1 :]


@pytest.mark.parametrize("typed", list(commands()), ids=" ".join)
def test_a_command_that_is_started_is_one_of_the_programs(typed: list[str]) -> None:
    command: Any = build("en", typed[0])
    while hasattr(command, "commands"):
        name, *typed = typed
        command = command.commands[name]
    command.make_context(PROGRAM, typed).close()
