"""What the text of a cell says before it runs: names, magics, directives, what it plainly writes. Executes nothing."""
