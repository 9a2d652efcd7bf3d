"""The widgets of a notebook over its reruns."""
