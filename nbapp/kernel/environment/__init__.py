"""What a cell may read or change besides globals and widgets: process state, random numbers, modules, files."""
