"""Several notebooks behind one address: the index, and an app for each that somebody opens."""
