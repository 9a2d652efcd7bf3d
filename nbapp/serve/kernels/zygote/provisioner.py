"""How a kernel is forked in place of being started, as jupyter_client has it."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import dataclass
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Instance

from nbapp.serve.kernels.zygote.forks import Fork
from nbapp.serve.kernels.zygote.process import NoFork


@dataclass(slots=True)
class ComingProcess:
    """What stands for a kernel's process until there is one, as `subprocess.Popen`; it can be called off."""

    coming: asyncio.Task[None]
    returncode: int | None = None
    stdin: None = None
    stdout: None = None
    stderr: None = None

    def poll(self) -> int | None:
        """None: it is coming; else it was called off."""
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """What it ended with; for one that was called off."""
        return self.returncode or 0

    def send_signal(self, number: int) -> None:
        """Call it off, unless it is to be interrupted: it does nothing so far."""
        if number != signal.SIGINT:
            self.returncode = -number
            self.coming.cancel()

    def kill(self) -> None:
        """Call it off."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Call it off."""
        self.send_signal(signal.SIGTERM)


class ForkProvisioner(LocalProvisioner):
    """Forks a kernel; where that fails, starts one. The page is sent meanwhile: `is_there` waits for the kernel."""

    fork = Instance(Fork)
    _coming: asyncio.Task[None] | None = None

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Begin."""
        self._coming = asyncio.get_running_loop().create_task(self._come(cmd, kwargs))
        self.process = ComingProcess(self._coming)  # type: ignore[assignment]
        return self.connection_info

    async def is_there(self) -> None:
        """Wait until the kernel has a process.

        Raises:
            OSError: it could not even be started.
            RuntimeError: it was called off.
        """
        assert self._coming is not None
        await asyncio.wait([self._coming])
        if self._coming.cancelled():
            raise RuntimeError("the kernel was not wanted any more")
        self._coming.result()

    async def _come(self, cmd: list[str], kwargs: dict[str, Any]) -> None:
        kernel: Any = self.parent
        coming: Any = self.process
        try:
            process: Any = await self.fork.kernel(kernel.connection_file)
            if coming.returncode is not None:  # Python 3.11's `wait_for` may lose that it was called off
                process.kill()
                raise asyncio.CancelledError
        except NoFork as why:
            self.log.warning("nbapp: a page gets a kernel that is started, not forked: %s", why)
            await super().launch_kernel(cmd, **kwargs)
        else:
            self.process, self.pid, self.pgid = process, process.pid, process.pid
            self.cwd = kwargs["cwd"]
            kernel.was_forked()
