"""Files that cells read and write."""
