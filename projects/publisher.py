"""Who publishes: what the standards ask of a publisher, from the table ``[publication]`` of ``earmark.toml``.

Nothing here is made up: what the office has not written down is named as missing, and no open data is written then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlsplit

from ledger.errors import Names
from projects.errors import IdentifierUnfit, PublicationUnfit
from projects.identity import need_identifier

SCHEME = "CN-USCI"
"""统一社会信用代码 in the register org-id.guide."""
_PREFIX = re.compile(r"oc4ids-[a-z0-9]{6}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)
_TYPE = re.compile(r"[1-9][0-9]", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """An office that publishes; `kind` is its code in IATI's list OrganisationType, 11 a local government.

    `prefix` is what the Open Contracting Partnership gave the office for its projects, `url` the address under which
    the folder of the site is served.
    """

    name: str
    name_en: str
    identifier: str
    kind: str
    prefix: str
    url: str
    licence: str
    policy: str = ""
    email: str
    telephone: str = ""
    contact: str = ""
    street: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""

    @property
    def ref(self) -> str:
        """Return its identifier as the standards write it."""
        return f"{SCHEME}-{self.identifier}"


KNOWN = tuple(each.name for each in fields(Publisher))
NEEDED = ("name", "name_en", "identifier", "kind", "prefix", "url", "licence", "email")


def missing(said: Mapping[str, str]) -> tuple[str, ...]:
    """Return what an office has not yet written down of what is needed."""
    return tuple(each for each in NEEDED if not said.get(each, "").strip())


def read(said: Mapping[str, str]) -> Publisher:
    """Return the publisher that the settings describe; nothing needed is missing.

    Raises:
        PublicationUnfit: a name that no setting has, or a value that cannot be.
    """
    unknown = [each for each in said if each not in KNOWN]
    if unknown:
        raise PublicationUnfit(about="unknown", field=unknown[0], known=Names(KNOWN))
    kept = {name: value.strip() for name, value in said.items()}
    try:
        number = need_identifier(kept["identifier"], "public-body", today=date.max)
    except IdentifierUnfit:
        raise PublicationUnfit(about="identifier", field="identifier", text=kept["identifier"][:40]) from None
    checks = {
        "prefix": bool(_PREFIX.fullmatch(kept["prefix"])),
        "kind": bool(_TYPE.fullmatch(kept["kind"])),
        "email": bool(_EMAIL.fullmatch(kept["email"])),
    }
    checks |= {name: is_address(kept[name]) for name in ("url", "licence", "policy") if kept.get(name)}
    for name, fits in checks.items():
        if not fits:
            raise PublicationUnfit(about=name, field=name, text=kept[name][:80])
    return Publisher(**kept | {"identifier": number, "url": kept["url"].rstrip("/")})


def is_address(text: str) -> bool:
    """Tell whether a text is an address of the web, as a browser would open it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    plain = text.isascii() and not re.search(r"[\s<>\"{}|\\^`]", text)
    return plain and parts.scheme in {"http", "https"} and bool(parts.hostname)
