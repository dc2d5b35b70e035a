"""Controls, tabs, notices and dialogs of every page."""
