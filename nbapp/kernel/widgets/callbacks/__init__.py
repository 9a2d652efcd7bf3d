"""The author's callbacks: which are registered, for which cell, and how they run."""
