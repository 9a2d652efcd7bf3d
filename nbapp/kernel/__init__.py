"""Runs in the kernel: executes cells, follows widgets, shows outputs. Knows no server."""
