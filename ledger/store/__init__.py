"""The record: one schema for SQLite and PostgreSQL, one unit of work, one writer at a time per book."""
