"""Which gates can bind which event. Whoever builds one adds its name here, and to the shipped policy if it binds."""

from __future__ import annotations

from collections.abc import Mapping

GATES: Mapping[str, tuple[str, ...]] = {
    "contract": ("tender", "procurement"),
}
"""By the verb of the event the names of gates; a county's list may hold these and no others."""
