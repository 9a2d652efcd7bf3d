"""A folder of notebooks with and without nbapp: `python -m benchmarks.corpus FOLDER`."""
