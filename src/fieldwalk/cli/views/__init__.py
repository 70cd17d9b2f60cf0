"""The status of a campaign as text, page and JSON."""
