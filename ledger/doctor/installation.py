"""The program where it is installed: Python, packages, names that clash, SQLite, the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ledger.doctor.report import Sign, fine, trouble, warn

DISTRIBUTION = "earmark"
NAMES = ("ledger", "importers", "projects")
"""Our packages; such plain names may well be somebody else's too."""
OLDEST_PYTHON = (3, 11)
OLDEST_SQLITE = (3, 51, 3)
"""Write-ahead logs of older ones can be corrupted when the log is reset."""
HOME = Path(__file__).resolve().parents[2]
"""The folder that this program is loaded from."""


def python() -> Sign:
    """Look at the interpreter: its version, whether assertions are on, whether the environment is its own."""
    version = ".".join(map(str, sys.version_info[:3]))
    facts = {"version": version, "path": sys.executable}
    if sys.version_info < OLDEST_PYTHON:
        return trouble("python", "old", **facts)
    if sys.flags.optimize:
        return trouble("python", "optimized", **facts)
    if sys.prefix == sys.base_prefix:
        return warn("python", "shared", **facts)
    return fine("python", **facts)


def packages(distribution: str = DISTRIBUTION) -> Sign:
    """Look whether all that is needed is installed, in versions that fit, theirs too."""
    wrong: list[str] = []
    seen: set[str] = set()
    waiting: list[tuple[str, set[str]]] = [(distribution, set())]
    while waiting:
        name, extras = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            if name == distribution:
                return warn("packages", "uninstalled", path=HOME)
            continue
        for need in map(Requirement, needs):
            if need.marker and not any(need.marker.evaluate({"extra": extra}) for extra in extras | {""}):
                continue
            found = _version(need.name)
            if found is None or not need.specifier.contains(found, prereleases=True):
                wrong.append(f"{need.name}{need.specifier} ({found or '—'})")
            waiting.append((canonicalize_name(need.name), need.extras))
    if wrong:
        return trouble("packages", "unfit", packages=", ".join(sorted(wrong)))
    shown = {name: _version(name) or "—" for name in ("beancount", "fava")}
    return fine("packages", count=len(seen) - 1, **shown)


def names(search: list[str] | None = None) -> Iterator[Sign]:
    """Look for other packages under our names, or two distributions under one."""
    search = sys.path if search is None else search
    owners = metadata.packages_distributions()
    clean = True
    twice: dict[Path, list[str]] = {}
    for name in NAMES:
        found = _found(name, search)
        if found is not None and found != HOME:
            clean = False
            yield trouble("names", "shadowed", name=name, path=found / name, home=HOME)
        for each in dict.fromkeys(Path(each).resolve() for each in search):
            if each not in (HOME, found) and (
                (each / name / "__init__.py").is_file() or (each / f"{name}.py").is_file()
            ):
                twice.setdefault(each, []).append(name)
    for where, held in twice.items():
        clean = False
        yield warn("names", "twice", names=", ".join(held), path=where)
    for name in (*NAMES, "pysqlite3"):
        held = sorted({canonicalize_name(each) for each in owners.get(name, [])})
        if len(held) > 1 or (name in NAMES and held not in ([], [DISTRIBUTION])):
            clean = False
            yield trouble("names", "owned", name=name, distributions=", ".join(held))
    if clean:
        yield fine("names", names=", ".join(NAMES), home=HOME)


def _found(name: str, search: list[str]) -> Path | None:
    """Return the folder that Python would take a package from, None where it finds none, or makes it up."""
    spec = PathFinder.find_spec(name, search)
    if spec is None or not spec.origin:
        return None
    origin = Path(spec.origin).resolve()
    return origin.parents[1] if origin.name == "__init__.py" else origin.parent


def variables(environment: Mapping[str, str]) -> Sign:
    """Look for variables that make Python load other code than what was installed."""
    odd = [
        f"{name}={environment[name]}" for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP") if environment.get(name)
    ]
    return warn("variables", "set", variables=" ".join(odd)) if odd else fine("variables")


def sqlite() -> Sign:
    """Look at the SQLite that the record is opened with."""
    try:
        import pysqlite3.dbapi2 as driver
    except ImportError as error:
        return trouble("sqlite", "missing", reason=error)
    version = driver.sqlite_version
    if tuple(map(int, version.split("."))) < OLDEST_SQLITE:
        return trouble("sqlite", "old", version=version, least=".".join(map(str, OLDEST_SQLITE)))
    connection = driver.connect(":memory:")
    try:
        options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    finally:
        connection.close()
    unfit = sorted(options & {"THREADSAFE=0", "OMIT_WAL", "OMIT_TRIGGER", "OMIT_FOREIGN_KEY", "OMIT_AUTHORIZATION"})
    if unfit or not hasattr(driver.Connection, "set_authorizer"):
        return trouble("sqlite", "options", version=version, options=", ".join(unfit) or "OMIT_AUTHORIZATION")
    return fine("sqlite", version=version)


def terminal(encoding: str | None = None, paths: str | None = None) -> Sign:
    """Look whether the terminal and the names of files can hold Chinese."""
    encoding = encoding or getattr(sys.stdout, "encoding", None) or "?"
    paths = paths or sys.getfilesystemencoding()
    if encoding.lower().replace("-", "") != "utf8" or paths.lower().replace("-", "") != "utf8":
        return warn("terminal", "encoding", encoding=encoding, paths=paths)
    return fine("terminal", encoding=encoding)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
