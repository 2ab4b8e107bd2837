"""The command line: it parses, calls and prints; refusals become one line on stderr and exit code 1."""
