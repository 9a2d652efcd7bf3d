"""How Voila is set up for one app: every choice that is not Voila's default, in one place."""

from __future__ import annotations

import logging
from pathlib import Path

from traitlets.config import Config

from nbapp.serve import extensions
from nbapp.serve.connection import PageConnection
from nbapp.serve.kernels import PageKernels
from nbapp.serve.options import Options

TEMPLATES = Path(__file__).with_name("templates")
_LEFT_AFTER = 600  # seconds after which the kernel of a page that was left without saying so is ended


def configured(asked: Options, transport: str) -> Config:
    """Voila's configuration. `transport` is how the server talks to kernels: ipc or tcp."""
    config = Config()
    path = asked.notebook.absolute()
    config.Voila.update(
        notebook_path=str(path),
        root_dir=str(path.parent),
        ip=asked.ip,
        base_url=asked.base_url,
        token=asked.token or "",
        log_level=logging.WARNING,
        config_file_paths=[],  # a voila.json lying about must not open what is closed here
        kernel_websocket_connection_class=PageConnection,
    )
    config.VoilaConfiguration.update(
        template="lab",
        theme="dark" if asked.theme == "dark" else "light",
        resources={"nbapp": {"theme": asked.theme}},
        allow_template_override="NO",
        allow_theme_override="NO",  # Voila prints ?theme= unescaped
        attempt_fix_notebook=False,  # prepared already
        strip_sources=not asked.show_code,
        show_tracebacks=asked.for_author,
        file_allowlist=[],
        extension_allowlist=extensions.wanted(extensions.installed()),
        extension_denylist=[],
        http_keep_alive_timeout=5,
        multi_kernel_manager_class=PageKernels,
    )
    config.ShowExecutor.settings = asked.settings()
    config.PageKernels.update(declared=list(asked.environment), cull_idle_timeout=_LEFT_AFTER, cull_interval=60)
    config.KernelManager.update(transport=transport, shutdown_wait_time=2.0)
    # A kernel that died is not replaced: another would know nothing of the page, and nobody would see that it died.
    config.KernelRestarter.update(restart_limit=0, time_to_dead=1.0)
    return config
