"""The kernel and the notebook of the tests of the kernel."""

from tests.kernel.conftest import book, folder, kernel, own_kernel

__all__ = ["book", "folder", "kernel", "own_kernel"]
