"""Who may log in at the desk: password hashes and lock-outs, in a file of their own beside the record.

No secret comes into the record, its logs, the books or a backup: `docs/decisions/0034-the-desk.md` says why.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ledger.store.workspace import Clock
from projects.errors import LoginMissing, LoginRefused, LoginsUnreadable, PasswordWeak

FILE = "logins.json"
SHORTEST = 10
LONGEST = 200
TRIES = 5
LOCKED_FOR = timedelta(minutes=15)
REMEMBERED = timedelta(hours=12)
"""So long it is remembered that a session is over; none lasts longer."""


class Logins:
    """The logins of one workspace; every change is written whole, under a lock, readable to its owner only."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._path = folder / FILE
        self._clock = clock
        self._hasher = PasswordHasher()
        # An unknown name costs the same time as a wrong password.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def set_password(self, name: str, password: str, *, first: bool) -> None:
        """Give a user a password; a `first` one, set by somebody else, has to be changed at the login.

        Raises:
            PasswordWeak: it is too short or too long, or the user's own name.
        """
        self.need_strong(name, password)
        hashed = self._hasher.hash(password)
        with self._changing() as kept:
            stamp = secrets.token_hex(8)
            kept["users"][name] = {"hash": hashed, "first": first, "stamp": stamp, "failed": 0, "until": ""}

    @staticmethod
    def need_strong(name: str, password: str) -> None:
        """Make sure that a password is no easy guess.

        Raises:
            PasswordWeak: it is too short or too long, or the user's own name.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise PasswordWeak(shortest=SHORTEST, longest=LONGEST)
        if password.casefold() == name.casefold() or len(set(password)) < 4:  # noqa: PLR2004 - aaaaaaaaaa is guessed at once
            raise PasswordWeak(about="plain", shortest=SHORTEST)

    def change_password(self, name: str, old: str, new: str) -> str:
        """Change one's own password and return the new stamp: every other session of the user is over.

        Raises:
            LoginRefused: the old password is wrong.
            PasswordWeak: the new one is, or it is the old one.
        """
        self.log_in(name, old)
        if old == new:
            raise PasswordWeak(about="same", shortest=SHORTEST)
        self.set_password(name, new, first=False)
        return self.stamp(name)

    def log_in(self, name: str, password: str) -> str:
        """Return the stamp of a user's session.

        After `TRIES` wrong passwords the login is locked for a while. Who has no login, who is locked out and who
        typed a wrong password get the same answer.

        Raises:
            LoginRefused: nobody may come in with this.
        """
        now = self._clock()
        known = self._read()["users"].get(name)
        right = self._verify(known["hash"] if known else self._nobody, password[: LONGEST + 1])
        with self._changing() as kept:
            user = kept["users"].get(name)
            locked = user is not None and _locked(user, now)
            if user and right and not locked:
                user["failed"], user["until"] = 0, ""
                return str(user["stamp"])
            # Whatever is refused is written: what is not would be answered sooner, and tell who has a login.
            kept["refused"] += 1
            if user and not locked:
                user["failed"] += 1
                if user["failed"] >= TRIES:
                    user["failed"], user["until"] = 0, (now + LOCKED_FOR).isoformat()
        raise LoginRefused(tries=TRIES, minutes=LOCKED_FOR.seconds // 60)

    def stamp(self, name: str) -> str:
        """Return what a session of this user has to carry, "" where the user has no login."""
        user = self._read()["users"].get(name)
        return str(user["stamp"]) if user else ""

    def has(self, name: str) -> bool:
        """Tell whether a user has a login."""
        return bool(self.stamp(name))

    def need_login(self, name: str) -> None:
        """Make sure that a user has a login.

        Raises:
            LoginMissing: nobody gave the user a password yet.
        """
        if not self.has(name):
            raise LoginMissing(user=name)

    def unlock(self, name: str) -> None:
        """Open a login again that wrong passwords have locked; the password stays.

        Raises:
            LoginMissing: there is none.
        """
        self.need_login(name)
        with self._changing() as kept:
            kept["users"][name] |= {"failed": 0, "until": ""}

    def states(self) -> dict[str, str]:
        """Return by name how each login stands: ``locked``, ``first`` (its password is another's still) or ``open``."""
        now = self._clock()
        return {
            name: "locked" if _locked(user, now) else "first" if user["first"] else "open"
            for name, user in self._read()["users"].items()
        }

    def end(self, session: str) -> None:
        """Let a session be over, wherever a copy of its cookie is."""
        now = self._clock()
        with self._changing() as kept:
            kept["over"] = {each: until for each, until in kept["over"].items() if now < datetime.fromisoformat(until)}
            kept["over"][session] = (now + REMEMBERED).isoformat()

    def is_over(self, session: str) -> bool:
        """Tell whether somebody ended a session."""
        return session in self._read()["over"]

    def must_change(self, name: str) -> bool:
        """Tell whether somebody else knows this user's password."""
        return bool(self._read()["users"][name]["first"])

    def secret(self) -> str:
        """Return the key that signs sessions, made at the first use."""
        with self._changing() as kept:
            return str(kept["secret"])

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _read(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            later = {"over": dict(kept.get("over", {})), "refused": int(kept.get("refused", 0))}
            return {"secret": str(kept["secret"]), "users": dict(kept["users"]), **later}
        except FileNotFoundError:
            return {"secret": secrets.token_hex(32), "users": {}, "over": {}, "refused": 0}
        except (OSError, ValueError, KeyError, TypeError):
            raise LoginsUnreadable(path=self._path) from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Any]]:
        """Hold the file alone, and write it if something in it changed, whatever becomes of the caller."""
        lock = os.open(f"{self._path}.lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            kept = self._read()
            before = json.dumps(kept) if self._path.exists() else ""
            yield kept
            if json.dumps(kept) != before:
                self._write(kept)
        finally:
            os.close(lock)

    def _write(self, kept: dict[str, Any]) -> None:
        partial = self._path.with_name(f"{FILE}.{secrets.token_hex(4)}.partial")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "w") as file:
            json.dump(kept, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def _locked(user: dict[str, Any], now: datetime) -> bool:
    return bool(user["until"]) and now < datetime.fromisoformat(user["until"])
