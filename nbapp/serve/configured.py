"""How Voila is set up: every choice that is not Voila's default, in one place."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, FileSystemLoader
from traitlets.config import Config

from nbapp.serve import extensions
from nbapp.serve.assets import version
from nbapp.serve.kernels.connection import PageConnection
from nbapp.serve.kernels.kernels import PageKernels
from nbapp.serve.kernels.page_kernel import PageKernel
from nbapp.serve.options import Options, is_loopback
from nbapp.serve.visitors.arrival import Login, Logout
from nbapp.serve.visitors.links import LinkIdentity

TEMPLATES = Path(__file__).with_name("templates")
SLACK = 2**20  # bytes: what a message may hold besides the uploaded files


def _resources(asked: Options) -> dict[str, Any]:
    """What the page's template is told."""
    return {
        "theme": asked.theme,
        "upload": asked.upload_bytes,
        "slack": SLACK,
        "version": version(),
        "keep": asked.keep,
        "home": asked.home,
        "asks": asked.token is not None,
    }


def _limit(config: Config, asked: Options) -> None:
    """How many kernels there may be, how long they last, and what they may take."""
    config.PageKernels.update(
        left_after=asked.keep,
        idle_after=asked.idle_limit,
        oldest=asked.age_limit,
        memory_bytes=asked.memory_limit or 0,
        follows=asked.watch,
    )
    if asked.max_kernels is not None:
        config.PageKernels.most = asked.max_kernels


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
        identity_provider_class=LinkIdentity,
    )
    # Else who has the token may set a password of their own, which Jupyter writes into a file.
    config.PasswordIdentityProvider.allow_password_change = False
    config.VoilaConfiguration.update(
        template="lab",
        theme="dark" if asked.theme == "dark" else "light",  # of a notebook that has one of its own: the template
        resources={"nbapp": _resources(asked)},
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
    config.Starter.settings = asked.settings()
    _kernels(config, asked, transport)
    return config


def _kernels(config: Config, asked: Options, transport: str) -> None:
    config.PageKernels.kernel_manager_class = f"{PageKernel.__module__}.{PageKernel.__name__}"
    config.PageKernels.declared = list(asked.environment)
    config.PageKernels.results = asked.results
    config.PageKernels.alike = json.dumps(
        [str(asked.notebook.resolve()), asked.values, asked.timeout, asked.for_author]
    )
    _limit(config, asked)
    config.KernelManager.update(transport=transport, shutdown_wait_time=2.0)
    # A kernel that died is not replaced: another would know nothing of the page, and nobody would see that it died.
    config.KernelRestarter.update(restart_limit=0, time_to_dead=1.0)


def shared_settings(server: Any, pages: Any) -> dict[str, Any]:
    """The settings of tornado that the server of an app and the index share; `pages` find our templates first.

    A request must name this computer when only this computer may ask.
    """
    identity = server.identity_provider
    identity.login_handler_class, identity.logout_handler_class = Login, Logout
    pages.loader = ChoiceLoader([FileSystemLoader(TEMPLATES), pages.loader])
    return {
        "allow_remote_access": not server.asked.for_author or not is_loopback(server.asked.ip),
        "compress_response": True,
        "log_function": server.requests.handled,
        "nbapp_drain": server.drain,
    }
