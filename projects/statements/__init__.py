"""Statements as people read them: words of a language, sheets as offices print them."""
