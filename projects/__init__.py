"""The application: villages, projects and events in the clerk's words, on top of the ledger."""
