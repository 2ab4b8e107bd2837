"""The desk without a server: an application on a clerk's workspace, and people who are logged in at it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from served import PASSWORD, let_in
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from ledger.books.write import settle
from projects.web.app import create_app

RECEIPT = {"project": "P001", "channel": "JT2024", "amount": "500", "date": "2024-03-01"}


class Whole(FlaskClient):
    """Read every answer to its end, as a browser does; `token` is that of the person's forms."""

    token = ""

    def open(self, *asked: Any, **options: Any) -> Any:
        return super().open(*asked, **options | {"buffered": True})


def desk(clerk: Any, monkeypatch: pytest.MonkeyPatch, names: Iterable[str], *, allotted: bool = True) -> Flask:
    """The desk of a village with an allotment, if it shall have one, where each of these may log in."""
    # What makes a hash dear in the field would make the tests slow.
    cheap = partial(PasswordHasher, time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr("projects.web.logins.PasswordHasher", cheap)
    # On a busy machine nothing shall take too long to be answered at once.
    monkeypatch.setattr("projects.web.patience.PATIENCE", 60.0)
    if allotted:
        clerk.do("allot", project="P001", channel="JT2024", amount="880000")
    settle(clerk.workspace)
    let_in(clerk.workspace.path, *names, clock=clerk.clock)
    made = create_app(clerk.workspace)
    made.test_client_class = Whole
    return made


def token(page: Any, name: str = "csrf_token") -> str:
    """The token of a page's form, or what another hidden field of it holds."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def attempt(client: Any, name: str, password: str = PASSWORD, **headers: str) -> Any:
    """Try to log in."""
    form = {"csrf_token": token(client.get("/login")), "name": name, "password": password}
    return client.post("/login", data=form, headers=headers)


def enter(app: Flask, name: str) -> Any:
    """Somebody who is logged in, with the token of their forms."""
    client = app.test_client()
    assert attempt(client, name).status_code == 302
    client.token = token(client.get("/password"))
    return client


def post(client: Any, address: str, typed: dict[str, str], *papers: tuple[bytes, str], key: str = "1") -> Any:
    """Send a form with papers, each with its name, as a browser does."""
    form = {"csrf_token": client.token, "key": key * 32} | typed
    files = [FileStorage(io.BytesIO(content), name) for content, name in papers]
    boundary, body = encode_multipart(MultiDict(form | {"papers": files}))
    return client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")
