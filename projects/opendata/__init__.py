"""Open data: the sealed record in the three standards that others read, with the ledger's own figures by channel."""
