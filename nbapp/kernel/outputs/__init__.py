"""What cells put out: caught on its way to a front end, merged, bounded."""
