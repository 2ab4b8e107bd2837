"""Spreadsheets and text files as they come: sheets of cells as text, read by a process that is not trusted.

`read` takes .xlsx, .xls, .ods and delimited text, by what is in the file and not by its name. Formulas are never
evaluated: a cell holds what its sheet stores. A file that is damaged, too large or made to do harm ends in one
`importers.errors.FileUnreadable`.
"""

from importers.reader.limits import Limits
from importers.reader.reading import read
from importers.reader.workbook import Merge, Row, Sheet, Workbook, column_name

__all__ = ["Limits", "Merge", "Row", "Sheet", "Workbook", "column_name", "read"]
