"""Files that are written completely or not at all, and that contain the record of how they were made."""
