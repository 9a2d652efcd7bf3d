"""Kernels that are forked: the processes that fork them, and for which pages."""
