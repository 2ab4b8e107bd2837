"""The events of a book: what a clerk asks for, and for each one function, request in, proposal out."""
