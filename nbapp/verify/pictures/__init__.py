"""What was seen of a notebook in one process, and where two such pictures differ."""
