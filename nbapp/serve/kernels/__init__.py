"""The kernels of pages, and the one way into them: widget messages, judged and merged."""
