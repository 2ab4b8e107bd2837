"""The file of a backup: a ZIP of the record and what belongs to it, with a manifest of sizes, hashes and log roots.

A file that is opened is not trusted: nothing is unpacked but members of the few names that we write, each of the size
and hash that the manifest gives, as plain files, into an empty folder.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ledger.errors import BackupUnfit
from ledger.store.files import naming

FORMAT = "earmark/backup/1"
MANIFEST = "manifest.json"
RECORD = "record.db"
MEMBER = re.compile(
    r"record\.db|[a-z][a-z0-9-]{0,40}\.(?:toml|pub)|documents/[0-9a-f]{64}(?:\.[a-z0-9]{1,5})?"
    r"|(?:checkpoints|witnesses)/[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.(?:txt|pub|toml)"
)
"""The names that a backup holds; the private key is not among them."""

BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError, ValueError)
"""What Python's reader says of a file that is no ZIP, not whole, or under a password."""

_CHUNK = 1 << 20
_LARGEST_MANIFEST = 256 << 20
_TIGHTEST = 400
"""So many times smaller than itself a member may be packed: tables pack well, a bomb packs better."""
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_LINK, _KINDS = 0o120000, 0o170000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself; `logs` are size and root in hex by log, `members` size and SHA-256 by name."""

    office: str
    version: str
    revision: str
    made_at: str
    logs: dict[str, dict[str, Any]]
    vouchers: int
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    format: str = FORMAT


def pack(target: Path, files: Iterable[tuple[str, Path]], about: Manifest, progress: Progress) -> Manifest:
    """Write a new file `target` that only its owner may read, with `files` by their names; it is on the disk then."""
    handle = os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    listed = sorted(files)
    whole, done = sum(path.stat().st_size for _, path in listed), 0
    with naming(target), os.fdopen(handle, "wb") as file:
        with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
            for name, path in listed:
                assert MEMBER.fullmatch(name), f"{name}: a backup holds nothing of this name"
                info = zipfile.ZipInfo(name)
                info.external_attr = 0o100600 << 16
                # Papers are packed already by their own formats; and only tables may pack tightly.
                info.compress_type = zipfile.ZIP_DEFLATED if name == RECORD else zipfile.ZIP_STORED
                hashed, size = hashlib.sha256(), 0
                with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as member:
                    while chunk := source.read(_CHUNK):
                        member.write(chunk)
                        hashed.update(chunk)
                        size += len(chunk)
                        done += len(chunk)
                        progress(done, whole)
                about.members[name] = {"size": size, "sha256": hashed.hexdigest()}
            archive.writestr(MANIFEST, json.dumps(vars(about), ensure_ascii=False, indent=1, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    return about


def unpack(source: Path, folder: Path, progress: Progress) -> Manifest:
    """Unpack a backup into an empty folder and return its manifest; every member is what the manifest says.

    Raises:
        BackupUnfit: the file is no backup, was cut short or changed, or holds anything that does not belong there.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            about = _manifest(source, archive)
            members = {each.filename: each for each in archive.infolist() if each.filename != MANIFEST}
            whole, done = sum(each["size"] for each in about.members.values()), 0
            for name, said in about.members.items():
                for step in _extract(source, archive, members[name], said["sha256"], folder / name):
                    done += step
                    progress(done, whole)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        raise BackupUnfit(path=source, reason=error) from None  # a place before the file's beginning
    except BROKEN as error:
        reason = f"{error}".partition("\n")[0] or type(error).__name__
        raise BackupUnfit(about="broken", path=source, reason=reason) from None
    return about


def _manifest(source: Path, archive: zipfile.ZipFile) -> Manifest:
    infos = archive.infolist()
    names = [each.filename for each in infos]
    if names.count(MANIFEST) != 1 or archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
        raise BackupUnfit(about="manifest", path=source, name=MANIFEST)
    _need_plain(source, archive.getinfo(MANIFEST))
    try:
        about = Manifest(**json.loads(archive.read(MANIFEST)))
    except (TypeError, UnicodeDecodeError, RecursionError):
        raise BackupUnfit(about="manifest", path=source, name=MANIFEST) from None
    if about.format != FORMAT:
        newer = isinstance(about.format, str) and about.format.startswith("earmark/backup/")
        raise BackupUnfit(
            about="newer" if newer else "manifest", path=source, name=MANIFEST, version=str(about.version)[:40]
        )
    if not isinstance(about.members, dict) or not isinstance(about.logs, dict) or RECORD not in about.members:
        raise BackupUnfit(about="manifest", path=source, name=MANIFEST)
    for info in infos:
        said = about.members.get(info.filename)
        fits = info.filename == MANIFEST or (
            isinstance(said, dict)
            and said.keys() == {"size", "sha256"}
            and MEMBER.fullmatch(info.filename) is not None
            and said["size"] == info.file_size
            and names.count(info.filename) == 1
        )
        if not fits:
            raise BackupUnfit(about="member", path=source, name=info.filename[:80])
        _need_plain(source, info)
    for name in about.members.keys() - set(names):
        raise BackupUnfit(about="member", path=source, name=name[:80])
    return about


def _need_plain(source: Path, info: zipfile.ZipInfo) -> None:
    """Make sure that a member is a plain file, not hidden under a password, and packed no tighter than ours are."""
    mode = info.external_attr >> 16
    bomb = info.file_size > _TIGHTEST * max(info.compress_size, 1) + _CHUNK
    if info.flag_bits & 1 or info.compress_type not in _PACKED or mode & _KINDS == _LINK or info.is_dir() or bomb:
        raise BackupUnfit(about="member", path=source, name=info.filename[:80])


def _extract(source: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, sha256: str, target: Path) -> Iterator[int]:
    """Write a member into a new file and yield how many bytes each step wrote; never more than were announced."""
    target.parent.mkdir(exist_ok=True)
    hashed, left = hashlib.sha256(), info.file_size
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with naming(target), os.fdopen(handle, "wb") as file, archive.open(info) as member:
        while left >= 0 and (chunk := member.read(_CHUNK)):
            left -= len(chunk)
            file.write(chunk)
            hashed.update(chunk)
            yield len(chunk)
        file.flush()
        os.fsync(file.fileno())
    if left or hashed.hexdigest() != sha256:
        raise BackupUnfit(about="member", path=source, name=info.filename)
