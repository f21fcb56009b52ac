"""What leaves the application: model folders, cards, reports."""
