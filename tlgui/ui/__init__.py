"""The window: wizard pages, plots, theme. It knows core and jobs, not the backend; no rule of the domain lives here."""
