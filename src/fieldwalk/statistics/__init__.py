"""What several results do with numbers: bootstrap, fits of curves, plateaus."""
