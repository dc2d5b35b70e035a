"""What every page stands on and no page's business: store, runner, figures, plots, export."""
