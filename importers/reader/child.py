"""The process that reads: it binds itself to limits, reads one file from its input and writes rows to its output.

Started as ``python -P -m importers.reader.child LIMITS`` with the file as standard input. It opens nothing else, and
whatever a parser makes of a hostile file ends here.
"""

from __future__ import annotations

import json
import resource
import sys
import zipfile
from typing import BinaryIO

from importers.reader.limits import Limits
from importers.reader.sink import Sink, Unfit

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")


def main() -> None:
    """Read the file on standard input within the limits given as JSON."""
    limits = Limits(**json.loads(sys.argv[1]))
    bind(limits)
    # What a parser prints must not be taken for rows.
    out, sys.stdout = sys.stdout.buffer, sys.stderr
    sink = Sink(out, limits)
    try:
        read(sys.stdin.buffer, sink, limits)
        sink.end()
    except Unfit as unfit:
        sink.refuse(unfit)
    except MemoryError:
        sink.refuse(Unfit(about="memory", limit=limits.memory_bytes >> 20))
    except Exception:  # whatever a parser makes of a damaged file, the file is damaged
        sink.refuse(Unfit(about="damaged"))
    out.flush()


def bind(limits: Limits) -> None:
    """Bind this process: memory, processor time, no files written, no core left behind."""
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (bound, bound))


def read(file: BinaryIO, sink: Sink, limits: Limits) -> None:
    """Read a file by what is in it.

    Raises:
        Unfit: it is none of the kinds that are read, or is not fit to be.
    """
    head = file.read(len(_OLE))
    file.seek(0)
    if head.startswith(_ZIP):
        _packed(file, sink, limits)
    elif head == _OLE:
        from importers.reader import xls

        sink.kind("xls")
        xls.read(file.read(), sink)
    else:
        from importers.reader import delimited

        delimited.read(file.read(), sink, cell_characters=limits.cell_characters)


def _packed(file: BinaryIO, sink: Sink, limits: Limits) -> None:
    from importers.reader import ods, xlsx
    from importers.reader.packed import Package

    try:
        package = Package(file, limit=limits.expanded_bytes)
        if ods.CONTENT in package.names:
            sink.kind("ods")
            ods.read(package, sink)
        elif xlsx.RELATIONS in package.names:
            sink.kind("xlsx")
            xlsx.read(package, sink)
        else:
            raise Unfit(about="kind")
    except (zipfile.BadZipFile, KeyError):
        raise Unfit(about="damaged") from None


if __name__ == "__main__":
    main()
