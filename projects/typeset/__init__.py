"""Paper: a template and its data become a PDF that prints, is read aloud and is searched; see `press`."""

from projects.typeset.press import Printed, typeset

__all__ = ["Printed", "typeset"]
