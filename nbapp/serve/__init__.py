"""What runs in the server of `nbapp serve`: a Voila of our own that shows cells and never sends their source."""
