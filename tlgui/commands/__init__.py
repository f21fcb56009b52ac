"""The commands of `tlgui`: one function for its arguments and one that does it. `table.py` lists them."""
