"""Files: written whole or not at all, and each one says how it was made."""
