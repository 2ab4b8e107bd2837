"""The pages of the desk, a module for each part of the day."""

from __future__ import annotations

from importlib import import_module

from projects.web.pages.frame import pages

for part in (
    "books",
    "closing",
    "drafts",
    "entry",
    "importing",
    "notices",
    "payees",
    "people",
    "projects",
    "public",
    "reconciling",
    "recording",
    "search",
    "telling",
    "today",
    "vouchers",
    "wall",
):
    import_module(f"projects.web.pages.{part}")

__all__ = ["pages"]
