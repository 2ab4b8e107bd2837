"""Open data: the sealed record in the three standards that others read, with the ledger's own figures by channel."""

from projects.opendata.build import Built, build

__all__ = ["Built", "build"]
