"""The page before its kernel: what it is written from, the notebook's first run, and what cells showed before."""
