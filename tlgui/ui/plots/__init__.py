"""Live curves. The only place that imports pyqtgraph; pages import it when they are first shown, never before."""
