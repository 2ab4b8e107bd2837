"""Audit tests: pure functions over books that are read once, each with its rule, its source, and what clears it."""

from projects.audit.engine import run
from projects.audit.model import Finding, Report, Result, Test

__all__ = ["Finding", "Report", "Result", "Test", "run"]
