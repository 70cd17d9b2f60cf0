"""How far a campaign has come."""
