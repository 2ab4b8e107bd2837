"""The way in, from the shell and by ``python -m projects.cli``: it loads next to nothing before Ctrl-C is seen to."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line; who interrupts while it is still being loaded ends it without a word, nothing was begun."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from projects.cli.main import main as command_line

    command_line()


if __name__ == "__main__":
    main()
