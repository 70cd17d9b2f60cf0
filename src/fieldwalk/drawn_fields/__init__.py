"""The drawn fields themselves, beside their closed forms."""
