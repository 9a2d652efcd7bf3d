"""One cell runs in IPython, as ipykernel would run it."""
