"""Lists that are no projects: who gets a subsidy, what households pay, what a village owns, what a survey found."""

from importers.lists.reading import find, read
from importers.lists.rows import Listing, ListRow

__all__ = ["ListRow", "Listing", "find", "read"]
