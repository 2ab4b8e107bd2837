"""XML as text: elements that escape what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")


@dataclass(frozen=True)
class Element:
    """An element as it is written."""

    tag: str
    text: str

    def around(self, parts: Iterable[Element]) -> str:
        """Return this element, empty so far, as a whole file around others."""
        start = self.text.removesuffix("/>")
        body = "\n".join(each.text for each in parts)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}>\n{body}\n</{self.tag}>\n'


def element(tag: str, *parts: Element | str, **attributes: str) -> Element:
    """Return an element with its parts, text or elements, and its attributes, escaped."""
    named = "".join(f' {name}="{_escaped(value)}"' for name, value in attributes.items())
    inside = "".join(each.text if isinstance(each, Element) else _escaped(each) for each in parts)
    return Element(tag, f"<{tag}{named}>{inside}</{tag}>" if parts else f"<{tag}{named}/>")


def _escaped(text: str) -> str:
    fit = _UNFIT.sub("", text)
    return fit.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
