"""What a campaign costs."""
