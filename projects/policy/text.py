"""The policy as a file: TOML with comments, to start a county's own file from."""

from __future__ import annotations

import json
from collections.abc import Callable

from projects.policy.model import Policy
from projects.policy.numbers import MARKS, Number


def text_of(policy: Policy, say: Callable[..., str]) -> str:
    """Return a policy as TOML; what stands over each number is said in the reader's language."""
    return "\n".join([say("print.policy-head"), *(_table(number, say) for _, number in policy.numbers())])


def _table(number: Number, say: Callable[..., str]) -> str:
    said = number.fields
    lines = [f"# {say(f'policy.name.{number.key}')}"]
    if number.mark != "S":
        lines.append(f"# {say(f'print.policy-{MARKS[number.mark]}')}")
    lines += [f"[{number.key}]", f"value = {_value(said.pop('value'))}"]
    lines += [f"{name} = {json.dumps(text, ensure_ascii=False)}" for name, text in said.items() if text]
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    """Return a value as TOML; a share with decimals stays text, so that nobody reads it as a float."""
    if isinstance(value, list):
        return f"[{', '.join(_value(each) for each in value)}]"
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return value
    return json.dumps(value, ensure_ascii=False)
