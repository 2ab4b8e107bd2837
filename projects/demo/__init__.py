"""A demonstration: two villages' real plans, and an invented year of vouchers over them."""

from projects.demo.builder import DemoSummary, build

__all__ = ["DemoSummary", "build"]
