"""The process that has run a notebook and forks a complete kernel for each visitor: a zygote. Linux only."""
