"""How work is dealt out, and nothing of what the work is."""
