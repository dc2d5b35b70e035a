"""Pictures and tables that plots of several pages are made of."""
