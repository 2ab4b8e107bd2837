"""OFD, the fixed-layout documents in which electronic invoices and receipts of banks come (GB/T 33190-2016).

Such a document is told by what is in it: a ZIP with ``OFD.xml`` at its root, in the standard's namespace, that leads to
a document inside. It is kept and handed out as it came. Nothing of it is shown, run or written to a disk; whoever opens
it elsewhere shall not find a trap in it: what is packed more than once, tighter than documents are, out of its folder,
as a link or under a password is no paper.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from xml.parsers import expat

from ledger.archive import BROKEN

NAMESPACE = "http://www.ofdspec.org/2016"
ENTRY = "OFD.xml"
BEGINS = b"PK\x03\x04"
MOST = 5_000
"""So many parts a document has at most: an invoice has about twenty, one of a hundred pages a few hundred."""
LARGEST = 100_000_000
"""So many bytes all parts have unpacked."""
LARGEST_ENTRY = 1_000_000
TIGHTEST = 200
"""So many times smaller than itself what is larger than `ROOMY` may be packed: text packs well, a bomb better."""
ROOMY = 1_000_000
_BLOCK = 1 << 16
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_END = b"PK\x05\x06"
_LONGEST_COMMENT = 0xFFFF
_LARGEST_LIST = MOST * 400


def is_ofd(content: bytes) -> bool:
    """Tell whether a file is an OFD document that may be kept."""
    if not content.startswith(BEGINS) or not _has_short_list(content):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            members = packed.infolist()
            return _are_plain(members, len(content)) and _unpack(packed, members) and _leads_inside(packed, members)
    except (*BROKEN, OSError):
        return False


def _has_short_list(content: bytes) -> bool:
    """Tell whether the list of parts is short, before anything reads it: a reader makes an object of every line."""
    at = content.rfind(_END, max(0, len(content) - _LONGEST_COMMENT - 22))
    if at < 0 or len(content) < at + 22:
        return False
    count, size = struct.unpack_from("<HL", content, at + 10)
    return bool(0 < count <= MOST and size <= _LARGEST_LIST)


def _are_plain(members: list[zipfile.ZipInfo], packed: int) -> bool:
    """Tell whether each part is a file inside, packed once, as tightly as documents are."""
    names = {each.filename.rstrip("/").casefold() for each in members}
    return (
        0 < len(members) <= MOST
        and len(names) == len(members)
        and sum(each.file_size for each in members) <= min(LARGEST, max(ROOMY, packed * TIGHTEST))
        # Parts that share their bytes are packed more than once.
        and sum(each.compress_size for each in members) <= packed
        and all(map(_is_plain, members))
    )


def _is_plain(member: zipfile.ZipInfo) -> bool:
    name, mode = member.orig_filename, member.external_attr >> 16
    steps = name.removesuffix("/").split("/")
    return (
        name.isprintable()
        and not any(each in {"", ".", ".."} for each in steps)
        and not any(each in name for each in "\\:")
        and stat.S_IFMT(mode) in {0, stat.S_IFREG, stat.S_IFDIR}
        and member.compress_type in _METHODS
        and member.file_size <= max(ROOMY, member.compress_size * TIGHTEST)
    )


def _unpack(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bool:
    """Tell whether every part is what the list says of it, no longer and unharmed; nothing of it is kept."""
    for each in members:
        with packed.open(each) as part:
            left = each.file_size
            while block := part.read(_BLOCK):
                left -= len(block)
        if left:
            return False
    return True


def _leads_inside(packed: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> bool:
    """Tell whether ``OFD.xml`` is one, and every document that it names is a part."""
    files = {each.filename: each for each in members if not each.is_dir()}
    if ENTRY not in files or files[ENTRY].file_size > LARGEST_ENTRY:
        return False
    roots = _document_roots(packed.read(ENTRY))
    return bool(roots) and all(each.strip().removeprefix("/") in files for each in roots)


def _document_roots(xml: bytes) -> list[str]:
    """Return what the elements DocBody/DocRoot of ``OFD.xml`` say, nothing where it is another or declares anything."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    path: list[str] = []
    found: list[str] = []
    wanted = [f"{NAMESPACE} {each}" for each in ("OFD", "DocBody", "DocRoot")]

    def start(name: str, _: object) -> None:
        path.append(name)
        if path == wanted:
            found.append("")

    def text(said: str) -> None:
        if path == wanted:
            found[-1] += said

    def end(_: str) -> None:
        path.pop()

    def refuse(*_: object) -> int:
        # No OFD declares a document type. What does wants entities expanded, or files fetched.
        raise ValueError

    parser.StartElementHandler, parser.CharacterDataHandler = start, text
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError:
        return []
    return found
