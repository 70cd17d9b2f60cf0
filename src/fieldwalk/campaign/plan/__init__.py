"""Which work a campaign wants, and in which batches it is done."""
