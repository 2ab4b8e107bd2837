"""The first public pages: a static site that shows villagers what the sealed record says, and nothing else."""

from projects.disclosure.site import Published, publish

__all__ = ["Published", "publish"]
