"""The public pages: a static site that shows villagers what the sealed record says, and nothing else."""
