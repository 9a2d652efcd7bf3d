"""What whoever runs a server needs: whether it is well, figures, a log for machines, and an end without haste."""
