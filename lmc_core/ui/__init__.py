"""What pages are made of: controls from the spec, the live chart, the engine of this process."""
