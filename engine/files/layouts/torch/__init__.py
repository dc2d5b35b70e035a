"""Files of torch.save: what their pickle names, found without running any of it."""
