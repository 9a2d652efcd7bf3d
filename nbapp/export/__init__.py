"""A run notebook as a file: HTML, PDF or a notebook with outputs; and one for each combination of values."""
