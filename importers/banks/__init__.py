"""Bank statements in the shapes in which banks export them; and any beangulp importer as a source."""

from importers.banks.read import read_statement
from importers.banks.statement import Line, Statement, Twice, keys

__all__ = ["Line", "Statement", "Twice", "keys", "read_statement"]
