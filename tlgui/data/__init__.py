"""Reading texts and labels, checking them, splitting them, and putting rows into batches. No torch."""
