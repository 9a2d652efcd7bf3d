"""Whether a kernel can run an app: another environment's Python must have nbapp too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec

from nbapp.errors import UsageError


def check_interpreter(spec: KernelSpec) -> None:
    """See whether a kernel's Python has nbapp.

    Raises:
        UsageError: it has not, or it cannot be started.
    """
    python = Path(spec.argv[0])
    if not python.name.startswith("python") or not python.is_absolute() or python == Path(sys.executable):
        return
    try:
        asked = subprocess.run([python, "-c", "import ipykernel, nbapp"], capture_output=True, timeout=60, check=False)
    except OSError as error:
        raise UsageError(f"the kernel {spec.display_name} cannot be started: {python}: {error.strerror}") from None
    if asked.returncode:
        raise UsageError(f"the kernel {spec.display_name} has no nbapp", f"run '{python} -m pip install nbapp'")
