"""Micro-loans of households (小额信贷): memoranda of the book, their repayments, and the subsidy of their interest."""
