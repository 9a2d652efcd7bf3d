"""`nbapp check`: what will not work, or be slow, in a notebook when it is served, and what to do about it."""
