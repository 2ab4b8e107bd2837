"""The life of a project around its money: what it is to be, who decided it, what stands in its way, what came of it."""
