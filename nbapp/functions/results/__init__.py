"""What functions returned: copies of it, and where they are kept."""
