"""Fava, for the auditor: read-only, in Chinese, on this machine only."""
