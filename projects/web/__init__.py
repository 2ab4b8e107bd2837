"""The clerk's desk in a browser: thin pages over the same desk as the command line."""
