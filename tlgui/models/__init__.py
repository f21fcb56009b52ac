"""Where a model comes from, whether it is safe to open, and the groups of it that can be frozen."""
