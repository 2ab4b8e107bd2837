"""How a person's name is shown, wherever it stands: in a voucher, in a notice, in a list."""

from __future__ import annotations

_HAN = "\u2e80"
"""From here on Unicode has the characters of East Asia."""


def masked(name: str) -> str:
    """Return a person's name as a notice may show it: 王小明 is 王某某, Pu Junjun is P***, a single letter is 某."""
    if len(name) == 1:
        return "某"
    # In Chinese the family name stands first and the length says little; elsewhere both would give the person away.
    return name[0] + ("某" * (len(name) - 1) if name[0] >= _HAN else "***")
