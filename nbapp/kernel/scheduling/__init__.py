"""When a walk begins, when it is cut short, and how a cell that is run by hand joins it."""
