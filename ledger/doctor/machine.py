"""The machine: its clock, and the disk that the workspace lies on."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError

from ledger.doctor.report import Sign, fine, trouble, warn
from ledger.store.engine import connect
from ledger.store.guard import lifted

YEARS = range(2024, 2101)
"""Years in which this program is run; a clock without a battery shows another."""
SLACK = timedelta(minutes=2)
MB = 1024 * 1024
LEAST_MB, ENOUGH_MB = 100, 1024
LEAST_FILES, ENOUGH_FILES = 1000, 10_000
SLOW_MS = 200

NETWORK = set(
    "nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre davfs vboxsf prl_fs drvfs fuse.sshfs fuse.rclone "  # noqa: SIM905 - a list of words
    "fuse.glusterfs fuse.davfs2 fuse.vmhgfs-fuse fuse.s3fs fuse.gcsfuse fuse.juicefs".split()
)
MEMORY = {"tmpfs", "ramfs"}
WITHOUT_MODES = {"vfat", "exfat", "msdos", "ntfs", "ntfs3", "fuseblk"}
SYNCED = re.compile(
    r"onedrive|dropbox|google ?drive|nextcloud|owncloud|seafile|syncthing|nutstore|坚果云|icloud|baidu(sync|net)disk"
    r"|百度网盘|百度同步盘|wps ?云盘|wpsdrive|阿里云盘|天翼云盘|腾讯微云",
    re.IGNORECASE,
)
MARKERS = (".stfolder", ".dropbox", ".nutstore", ".sync", ".owncloudsync.log")


def clock(now: datetime, last: datetime | None = None) -> Sign:
    """Compare the clock with the newest entry of the record; ask the system whether it is kept in step."""
    shown = now.isoformat(sep=" ", timespec="minutes")
    if now.year not in YEARS:
        return trouble("clock", "year", now=shown)
    if last is not None and now + SLACK < last:
        return trouble("clock", "behind", now=shown, last=last.isoformat(sep=" ", timespec="minutes"))
    if _synchronized() == "no":
        return warn("clock", "unsynchronized", now=shown)
    return fine("clock", now=shown)


def _synchronized() -> str:
    if shutil.which("timedatectl") is None:
        return ""
    try:
        asked = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],  # noqa: S607 - the system's own
            capture_output=True,
            text=True,
            check=False,
            timeout=3,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return asked.stdout.strip() if asked.returncode == 0 else ""


def zone(now: datetime) -> Sign:
    """Compare the machine's time zone with China's, in which vouchers are dated."""
    here = now.astimezone().utcoffset() or timedelta()
    shown = f"UTC{here.total_seconds() / 3600:+g}"
    return fine("zone", zone=shown) if here == timedelta(hours=8) else warn("zone", "other", zone=shown)


def file_system(path: Path, mounts: str | None = None) -> Sign:
    """Name the kind of file system; a write-ahead log needs a local one, and one that keeps what it was given."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8") if mounts is None else mounts
    except OSError:
        return fine("file-system", "unknown")
    kind = _kind(path.resolve(), mounts)
    if kind in NETWORK:
        return trouble("file-system", "network", kind=kind)
    if kind in MEMORY:
        return trouble("file-system", "memory", kind=kind)
    if kind == "overlay":
        return warn("file-system", "overlay", kind=kind)
    if kind in WITHOUT_MODES:
        return warn("file-system", "modes", kind=kind)
    return fine("file-system", kind=kind)


def _kind(path: Path, mounts: str) -> str:
    """Return the type of the deepest mount that holds `path`; the last of several on one point is the one in use."""
    best, kind = -1, "?"
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        if len(fields) < 5 or not rest:  # noqa: PLR2004 - the fifth field is the mount point
            continue
        point = Path(re.sub(r"\\(\d{3})", lambda match: chr(int(match[1], 8)), fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), rest[0]
    return kind


def synced(path: Path) -> Sign:
    """Look whether a program that copies files to a cloud would copy a record while it is written."""
    whole = path.resolve()
    for folder in (whole, *whole.parents):
        if SYNCED.search(folder.name) or any((folder / marker).exists() for marker in MARKERS):
            return trouble("synced", "cloud", path=folder)
    return fine("synced")


def space(path: Path, stat: os.statvfs_result | Any = None) -> Sign:
    """Look how much room is left, for bytes and for files."""
    try:
        stat = stat or os.statvfs(path)
    except OSError as error:
        return trouble("space", "unreadable", path=path, reason=error)
    free = stat.f_bavail * stat.f_frsize // MB
    files = stat.f_favail if stat.f_files else ENOUGH_FILES
    facts = {"free": f"{free:,}", "files": f"{files:,}" if stat.f_files else "∞"}
    if free < LEAST_MB or files < LEAST_FILES:
        return trouble("space", "full", **facts)
    if free < ENOUGH_MB or files < ENOUGH_FILES:
        return warn("space", "scarce", **facts)
    return fine("space", **facts)


def durable(path: Path) -> Sign:
    """Write a probe as a record is written, and look whether the disk takes it: write-ahead log, full sync, fsync."""
    try:
        with tempfile.TemporaryDirectory(prefix=".earmark-doctor-", dir=path) as made:
            mode, level, spent = _probe(Path(made))
    except OSError as error:
        return trouble("durable", "refused", path=path, reason=error)
    except DatabaseError as error:
        return trouble("durable", "refused", path=path, reason=error.orig)
    facts = {"mode": mode.upper(), "level": {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}.get(level, level)}
    facts["ms"] = f"{spent:.1f}"
    if mode != "wal" or level < 2:  # noqa: PLR2004 - 2 is FULL
        return trouble("durable", "mode", **facts)
    return warn("durable", "slow", **facts) if spent > SLOW_MS else fine("durable", **facts)


def _probe(folder: Path) -> tuple[str, int, float]:
    engine = connect(folder / "probe.db")
    try:
        with engine.connect() as connection:
            mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
            level = int(connection.exec_driver_sql("PRAGMA synchronous").scalar() or 0)
            with lifted(connection):
                connection.exec_driver_sql("CREATE TABLE probe (a)")
            connection.exec_driver_sql("INSERT INTO probe VALUES (1)")
            connection.commit()
    finally:
        engine.dispose()
    begin = time.perf_counter()
    with (folder / "probe").open("wb") as file:
        file.write(bytes(4096))
        file.flush()
        os.fsync(file.fileno())
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return mode, level, (time.perf_counter() - begin) * 1000
