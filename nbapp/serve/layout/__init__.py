"""Where each cell of a notebook stands in its page, by its tags; what of it is hidden; how the page looks."""
