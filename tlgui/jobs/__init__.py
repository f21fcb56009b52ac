"""Between the window and the backend: the one place that makes a thread. QtCore only."""
