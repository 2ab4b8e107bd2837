"""Delimited text (.csv, .tsv, and what banks call .xls): encoding and delimiter are found, never guessed by chance."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from importers.reader import page
from importers.reader.sink import Sink, Unfit

DELIMITERS = ",\t;|"
_SAMPLE = 60
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_BESIDE = 0.9


def read(content: bytes, sink: Sink, *, cell_characters: int) -> None:
    """Read the rows of a text into `sink`; of a web page, its tables.

    Raises:
        Unfit: it is no text, a page without tables, or its quotes do not come in pairs.
    """
    text, encoding = decode(content)
    if "\0" in text:
        raise Unfit(about="kind")
    if page.is_page(text):
        page.read(text, encoding, sink)
        return
    if re.match(r"\s*<(?:!doctype|\?xml)\b", text, re.IGNORECASE):
        raise Unfit(about="page")
    sink.kind("text", encoding)
    sink.sheet("")
    source = io.StringIO(text, newline="")
    csv.field_size_limit(cell_characters)
    table = csv.reader(source, delimiter=delimiter(text), strict=True)
    sink.far = lambda: source.tell() / max(len(text), 1)
    try:
        for number, cells in enumerate(table, 1):
            sink.row(number, cells)
    except csv.Error:
        raise Unfit(about="quotes", line=table.line_num) from None


def decode(content: bytes) -> tuple[str, str]:
    """Return a text and its encoding: by its mark, else UTF-8, else GB18030.

    Raises:
        Unfit: it is none of them.
    """
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "")
    for encoding in [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Unfit(about="neither")


def delimiter(text: str) -> str:
    """Return what separates the cells: what most lines hold equally often.

    Some banks pad cells with tabs to keep spreadsheets from reading them as numbers; beside commas, tabs pad.
    """
    lines = [line for line in text[: 1 << 16].splitlines() if line.strip()][:_SAMPLE]
    best, most = DELIMITERS[0], (0, 0)
    tabs = sum(line.count("\t") for line in lines)
    pads = sum(len(re.findall(r"\t+(?=,|$|\")", line)) for line in lines if "," in line)
    for each in DELIMITERS:
        if each == "\t" and tabs and pads >= tabs * _BESIDE:
            continue
        bare = [re.sub(r'"[^"]*"', "", line).count(each) for line in lines]
        alike = Counter(count for count in bare if count)
        if alike and (score := max((times, count) for count, times in alike.items())) > most:
            best, most = each, score
    return best
