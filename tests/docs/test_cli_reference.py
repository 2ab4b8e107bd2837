"""The command reference says what ``--help`` says: it is made from the commands themselves.

``EARMARK_REGENERATE=1 .venv/bin/pytest tests/docs/test_cli_reference.py`` writes it anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.messages import LANGS, Lang
from projects.cli.commands import build

DOCS = Path(__file__).parents[2] / "docs"

WORDS: dict[Lang, dict[str, str]] = {
    "zh": {
        "title": "命令参考",
        "other": "[English](cli.en.md) · [使用指南](clerk.zh.md) · [词汇表](glossary.md) · [目录](README.md)",
        "made": "本页由程序的 `--help` 生成，请勿手改。大写的词换成自己的；方括号里的可以不写；`…` 表示可以多个。",
        "before": "写在命令前面的选项",
        "codes": "退出码：0 已办；1 被拒绝，什么都没有变；3 核验有发现或体检有问题；70 程序出错；74 磁盘或输出出错，重办之前先查看；130 中断。",
        "name": "写法",
        "what": "意思",
        "needed": "（必填）",
        "default": "（默认 `{}`）",
    },
    "en": {
        "title": "Command reference",
        "other": "[中文](cli.zh.md) · [guide](clerk.en.md) · [glossary](glossary.md) · [index](README.md)",
        "made": "This page is made from the program's `--help`; do not edit it. Words in capitals stand for your own; "
        "what is in brackets may be left out; `…` may be repeated.",
        "before": "Options that stand before the command",
        "codes": "Exit codes: 0 done; 1 refused, nothing was changed; 3 verification found something or the doctor a problem; 70 a fault of "
        "the program; 74 the disk or the output failed, look before you repeat; 130 interrupted.",
        "name": "Written",
        "what": "Meaning",
        "needed": " (required)",
        "default": " (default `{}`)",
    },
}


@pytest.mark.parametrize("lang", LANGS)
def test_the_command_reference_says_what_help_says(lang: Lang) -> None:
    page = DOCS / f"cli.{lang}.md"
    expected = reference(lang)
    if os.environ.get("EARMARK_REGENERATE"):
        page.write_text(expected, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == expected, "EARMARK_REGENERATE=1 writes it anew"


@pytest.mark.parametrize("lang", LANGS)
def test_every_command_argument_and_option_is_explained(lang: Lang) -> None:
    for path, command in leaves("earmark", build(lang)):
        assert command.help, path
        for parameter in command.params:
            assert parameter.help, f"{path}: {parameter.name}"


def test_the_order_of_commands_does_not_depend_on_which_were_loaded_before() -> None:
    """A run loads only what it needs, so in one process parts may come in any order: here the last comes first."""
    script = (
        "from projects.cli.commands import PARTS, build\n"
        "for words in reversed(PARTS.values()):\n"
        "    for word in reversed(words):\n"
        "        build('zh', word)\n"
        "for name, command in build('zh').commands.items():\n"
        "    print(name, *getattr(command, 'commands', ()))\n"
    )
    made = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, encoding="utf-8")
    for lang in LANGS:
        page = (DOCS / f"cli.{lang}.md").read_text(encoding="utf-8")
        told = [line.removeprefix("## earmark ") for line in page.splitlines() if line.startswith("## earmark ")]
        loaded = [line.split() for line in made.stdout.splitlines()]
        assert told == [f"{name} {each}".strip() for name, *within in loaded for each in within or [""]]


def reference(lang: Lang) -> str:
    """Return the whole reference as Markdown."""
    words = WORDS[lang]
    top = build(lang)
    found = list(leaves("earmark", top))
    parts = [f"# {words['title']}", words["other"], f"{top.help}", words["made"], words["codes"]]
    parts.append("\n".join(f"- [`{path}`](#{path.replace(' ', '-')}) {command.help}" for path, command in found))
    parts += [f"## {words['before']}", "`earmark [--workspace DIR] [--lang zh|en] …`", table(top.params, words)]
    for path, command in found:
        parts += [f"## {path}", command.help, f"`{usage(path, command)}`", table(command.params, words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Yield every command that does something, with the words that call it."""
    children = getattr(command, "commands", None)
    if children is None:
        yield path, command
        return
    for name, child in children.items():
        yield from leaves(f"{path} {name}", child)


def usage(path: str, command: Any) -> str:
    """Return how a command is written: its arguments and the options that it cannot do without."""
    words = [path]
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            word = parameter.metavar + ("…" if parameter.nargs == -1 else "")
            words.append(word if parameter.required else f"[{word}]")
        elif parameter.required:
            words.append(written(parameter))
    return " ".join(words)


def table(parameters: list[Any], words: dict[str, str]) -> str:
    """Return arguments and options with what they mean."""
    if not parameters:
        return ""
    rows = [f"| {words['name']} | {words['what']} |", "| --- | --- |"]
    for parameter in parameters:
        more = words["needed"] if parameter.required else ""
        if isinstance(parameter.default, str) and parameter.default:
            more = words["default"].format(parameter.default)
        cells = (f"`{written(parameter)}`", f"{parameter.help}{more}")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def written(parameter: Any) -> str:
    """Return an argument or an option as it is typed."""
    many = "…" if parameter.nargs == -1 or getattr(parameter, "multiple", False) else ""
    if parameter.param_type_name == "argument":
        return f"{parameter.metavar}{many}"
    option = " / ".join(parameter.opts)
    return option if parameter.is_flag else f"{option} {parameter.metavar or parameter.name.upper()}{many}"
