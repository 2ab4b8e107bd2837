"""The files: a file goes in, typed rows come out; there is no database here."""
