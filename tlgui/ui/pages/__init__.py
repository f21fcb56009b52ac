"""One file a page of the wizard; `PAGES` in `tlgui.ui.pages.table` lists them."""
