"""The window: menus, docks, layout, progress, settings."""
