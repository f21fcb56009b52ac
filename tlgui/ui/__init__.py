"""The window: wizard pages, plots, theme. It knows core and jobs, never the backend; no rule of the domain lives here."""
