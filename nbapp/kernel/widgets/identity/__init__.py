"""Which widget of the execution before a cell builds again, and what is on the page."""
