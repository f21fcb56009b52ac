"""What the whole application agrees on: recipes, events, freeze plans, run folders. No Qt, no torch."""
