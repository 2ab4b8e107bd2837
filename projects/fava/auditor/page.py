"""What the pages share: the language of the book, its words and figures, and the way from a figure to its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from fava.ext import FavaExtensionBase

from ledger import messages
from ledger.books.keys import HEAD, PLUGIN
from ledger.messages import Lang
from ledger.money import yuan
from ledger.plugin.reading import Leaf
from projects.fava.auditor.stored import accounts_of
from projects.fava.auditor.view import View, view
from projects.figures import FIGURES


class Page(FavaExtensionBase):
    """A report of Fava's, shown in its sidebar."""

    report: ClassVar[str]
    kept: View | None = None
    """What was added up of the book; the first page keeps it for all, until the file is loaded again."""

    @property
    def report_title(self) -> str:  # type: ignore[override]  # Fava reads it of the instance only
        """Return the name of the page in the language of the book."""
        return self.say(f"page.{self.report}")

    @property
    def lang(self) -> Lang:
        """Return the language that Fava shows the book in."""
        return "en" if str(self.ledger.fava_options.language or "").startswith("en") else "zh"

    def say(self, key: str, **facts: object) -> str:
        """Return words for this page."""
        return messages.text("projects", f"auditor.{key}", self.lang, **facts)

    def word(self, group: str, key: str) -> str:
        """Return the word for a kind of event or fact, or the key itself where there is none."""
        name = f"{group}.{key}"
        return messages.text("projects", name, self.lang) if messages.has("projects", name, self.lang) else key

    def after_load_file(self) -> None:
        """Forget what was added up: the book has changed."""
        self.kept = None

    @property
    def view(self) -> View:
        """Return the book, added up once for all pages."""
        first: Any = self.ledger.extensions.get_extension("Projects")
        if first.kept is None:
            folder = Path(self.ledger.beancount_file_path).parent
            first.kept = view(folder, list(self.ledger.all_entries))
        kept: View = first.kept
        return kept

    def yuan(self, fen: int) -> str:
        """Return an amount with its thousands separators, nothing for none."""
        return yuan(fen) if fen else ""

    def journal(self, project: str, figure: str, channel: str = "") -> str:
        """Return the filter of Fava's journal that shows what a figure is made of, of one channel if it is of one."""
        roles = [self.view.text.chart.roles[role] for role in FIGURES[figure]]
        names = "|".join(sorted({accounts_of(role) for role in roles}))
        of = f' units:" {channel}([.]B)?$"' if channel else ""
        return f"#{project} " * bool(project) + f'any(account:"^({names})$"{of})'

    def told(self, leaf: Leaf) -> str:
        """Return what a fact says, key by key, in words."""
        own = {"of", "subject", "on", "by", "at", "documents"}
        said = [f"{self.word('fact', key)}: {value}" for key, value in leaf.data.items() if key not in own]
        return "； ".join(said) if self.lang == "zh" else "; ".join(said)

    @property
    def is_checked(self) -> bool:
        """Tell whether the book names the plugin: without it nothing has looked at the rules."""
        return any(name == PLUGIN for name, _ in self.ledger.options["plugin"])

    def errors(self) -> list[tuple[str, int, str]]:
        """Return what Beancount and the plugin report: file, line, message."""
        found = []
        for each in self.ledger.errors:
            place: Any = each.source or {}
            found.append((Path(str(place.get("filename", HEAD))).name, int(place.get("lineno", 0)), each.message))
        return found
