"""How a kernel is forked in place of being started, as jupyter_client has it."""

from __future__ import annotations

from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Instance

from nbapp.serve.kernels.zygote.forks import Fork
from nbapp.serve.kernels.zygote.process import NoFork


class ForkProvisioner(LocalProvisioner):
    """Forks a kernel; where that fails, starts one."""

    fork = Instance(Fork)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Get the kernel's process."""
        kernel: Any = self.parent
        try:
            process: Any = await self.fork.kernel(kernel.connection_file)
        except NoFork as why:
            self.log.warning("nbapp: a page gets a kernel that is started, not forked: %s", why)
            return await super().launch_kernel(cmd, **kwargs)
        self.process, self.pid, self.pgid = process, process.pid, process.pid
        self.cwd = kwargs["cwd"]
        kernel.is_fork = kernel.is_warm = True
        return self.connection_info
