"""The training backend: a plain function of (recipe, emit, control). No Qt."""
