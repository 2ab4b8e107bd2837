"""With which status a page answers what is refused."""

from __future__ import annotations

from ledger.errors import DraftUnknown, OwnRoles, Refusal, RoleMissing, Unknown, VoucherUnknown
from projects.errors import LoginRefused, PageForbidden

STATUS: dict[type[Refusal], int] = {
    RoleMissing: 403,
    PageForbidden: 403,
    OwnRoles: 403,
    LoginRefused: 401,
    Unknown: 404,
    DraftUnknown: 404,
    VoucherUnknown: 404,
}


def status_of(refusal: Refusal) -> int:
    """Return the status of HTTP that goes with a refusal: 422 where no other is said."""
    return STATUS.get(type(refusal), 422)
