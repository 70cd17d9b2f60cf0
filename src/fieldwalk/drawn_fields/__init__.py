"""Statistics of the drawn fields, compared with their closed forms."""
