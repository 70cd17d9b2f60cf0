"""What the process of a stage needs: its campaign, its folder, drawn fields and particles, the shards that it reads."""
