"""Files that are packed XML: what is unpacked is counted, and XML that declares anything is refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from typing import BinaryIO, Protocol
from xml.parsers import expat

from importers.reader.sink import Unfit

_BLOCK = 1 << 16
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 1


class Handler(Protocol):
    """What is told of a part's XML, names without their prefixes."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, text: str) -> None:
        """Text stands in an element."""


class Package:
    """A packed file, of which at most `limit` bytes are unpacked.

    Raises:
        Unfit: it declares more, or is locked.
        zipfile.BadZipFile: it is damaged.
    """

    def __init__(self, file: BinaryIO, *, limit: int) -> None:
        self._zip = zipfile.ZipFile(file)
        self._left = self._limit = limit
        members = self._zip.infolist()
        if sum(member.file_size for member in members) > limit:
            raise Unfit(about="expanded", limit=limit >> 20)
        if any(member.flag_bits & _ENCRYPTED for member in members):
            raise Unfit(about="locked")
        self.names = frozenset(member.filename for member in members)

    def parse(self, name: str, handler: Handler, *, far: Callable[[float], None] | None = None) -> None:
        """Parse a part; `far` is told how far it is, from 0 to 1.

        Raises:
            Unfit: the part declares entities or anything else, is no XML, or unpacks to too much.
        """
        member = self._zip.getinfo(name)
        if member.compress_type not in _METHODS:
            raise Unfit(about="damaged")
        parser = _parser(handler)
        done = 0
        with self._zip.open(member) as part:
            try:
                while block := part.read(_BLOCK):
                    done += len(block)
                    self._left -= len(block)
                    if self._left < 0:
                        raise Unfit(about="expanded", limit=self._limit >> 20)
                    parser.Parse(block, False)
                    if far:
                        far(done / max(member.file_size, 1))
                parser.Parse(b"", True)
            except expat.ExpatError:
                raise Unfit(about="damaged") from None


def _parser(handler: Handler) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = _BLOCK

    def start(name: str, attributes: Mapping[str, str]) -> None:
        handler.start(name.rpartition(":")[2] if ":" in name else name, attributes)

    def end(name: str) -> None:
        handler.end(name.rpartition(":")[2] if ":" in name else name)

    def refuse(*_: object) -> int:
        # No spreadsheet declares a document type. What does wants entities expanded, or files fetched.
        raise Unfit(about="declares")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handler.text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser
