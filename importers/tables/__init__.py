"""Plan and allotment tables as offices publish them: found on their sheets, read row by row, their totals checked.

`read` takes what `importers.reader` read and returns `Reading`: which tables there are, what each row is, and what is
doubtful. It refuses nothing that can be shown; what stands against taking a file is in `Reading.problems`.
"""

from importers.tables.header import Asked
from importers.tables.mapping import Mapping
from importers.tables.reading import asked, read
from importers.tables.shapes import Doubt, Part, Passed, Reading, Table, TableRow, Total

__all__ = ["Asked", "Doubt", "Mapping", "Part", "Passed", "Reading", "Table", "TableRow", "Total", "asked", "read"]
