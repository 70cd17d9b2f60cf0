"""Statistical methods that several results share: bootstrap, fits of curves, tests for plateaus."""
