"""The server of one shared app, as a Hub starts it."""
