"""One file a goal: rows → examples, head, loss, metrics. `TASKS` in `tlgui.tasks.table` lists them."""
