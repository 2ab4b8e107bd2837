"""Days between days, and days after days."""

from __future__ import annotations

from datetime import date, timedelta


def days(first: str, last: str) -> int:
    """Return how many days lie between two days."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def after(day: str, count: int) -> str:
    """Return the day so many days later."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()
