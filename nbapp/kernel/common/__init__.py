"""What every room of the kernel stands on: stand-ins for functions of other packages, and code that can be stopped."""
