"""ipykernel 7.1 and later in two halves, between which a process may be forked.

The first half makes the session, the streams, the kernel and the shell, as objects that stay the same: whoever keeps
one keeps a good one. It opens no socket and leaves no thread. The second half opens the sockets and starts the threads
around them, in the copy that a fork made.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
import threading
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import ipykernel.kernelapp
from ipykernel.iostream import BackgroundSocket, IOPubThread
from ipykernel.kernelapp import IPKernelApp
from IPython.core.application import BaseIPythonApplication
from tornado import ioloop

_LAST_ANSWER = 1.0  # seconds


class LateIOPub(IOPubThread):
    """The thread that publishes. Until it has a socket nobody listens, and what it is given is dropped."""

    def __init__(self, session: Any) -> None:
        self.session, self.socket, self._stopped = session, None, False
        self.io_loop: Any = None
        self.background_socket = BackgroundSocket(self)
        self.thread = threading.Thread(target=int)  # never started: `flush` asks whether it is alive
        self._events: deque[Callable[..., Any]] = deque()

    def schedule(self, f: Callable[..., Any]) -> None:
        """Call a function on the thread, once there is one."""
        if self.socket is not None:
            super().schedule(f)  # type: ignore[no-untyped-call]

    def given(self, socket: Any, **options: Any) -> LateIOPub:
        """What stands for `IOPubThread(socket, ...)`: this one, which has a socket and a thread from now on."""
        known = self.background_socket
        super().__init__(socket, **options)  # type: ignore[no-untyped-call]
        self.background_socket = known
        return self


class Halves(IPKernelApp):
    """A kernel: `first_half`, then anything, then `os.fork`, then `second_half` and `start` in the copy."""

    _logs_of_tornado = False

    def first_half(self) -> None:
        """Make everything that needs neither a socket nor a thread."""
        app: Any = self
        self._leave_out_debugger()
        self.capture_fd_output = False  # that takes threads: `watch`
        self.config.HistoryManager.enabled = False  # its thread and its database; cells of an app make no history
        BaseIPythonApplication.initialize(app, [])
        app.init_pdb()
        app.init_blackhole()
        self.iopub_thread = LateIOPub(self.session)
        self.iopub_socket = self.iopub_thread.background_socket
        app.init_io()
        app.init_signal()
        self._make_kernel()
        app.init_path()
        app.init_shell()
        app.init_gui_pylab()
        app.init_extensions()
        app.init_code()
        self.kernel.set_parent([], {"header": {}})  # 7.1 and 7.2 cannot say what it is before one was set
        self.configure_tornado_logger()  # loggers are watched like all process state: none may change later
        self.log_level = logging.CRITICAL  # it would print how to connect

    @staticmethod
    def _leave_out_debugger() -> None:
        """It needs sockets, and no page may debug; `ipykernel.debugger` is fine without `debugpy`."""
        modules = cast(dict[str, Any], sys.modules)
        known = modules.get("debugpy")
        modules["debugpy"] = None
        try:
            importlib.import_module("ipykernel.debugger")
        finally:
            del modules["debugpy"]
            if known is not None:
                modules["debugpy"] = known

    def _make_kernel(self) -> None:
        kernel_class: Any = self.kernel_class
        self.kernel = kernel = kernel_class.instance(
            parent=self,
            session=self.session,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: kernel.execution_count

    def configure_tornado_logger(self) -> None:
        """Give tornado's logger its handler, once."""
        if not self._logs_of_tornado:
            self._logs_of_tornado = True
            super().configure_tornado_logger()  # type: ignore[no-untyped-call]

    def watch(self) -> None:
        """Take what C code writes to the descriptors of stdout and stderr: what streams do when they are made."""
        for stream, number in self._streams():
            stream._should_watch, stream._exc = True, None
            reading, writing = os.pipe()
            stream._original_stdstream_fd, stream._original_stdstream_copy = number, os.dup(number)
            os.dup2(writing, number)
            os.close(writing)
            stream._fid = reading
            stream.watch_fd_thread = threading.Thread(target=stream._watch_pipe_fd, daemon=True)
            stream.watch_fd_thread.start()

    def unwatch(self, seconds: float) -> bool:
        """End that: whether its threads ended in time. They do not while a program writes to the descriptors."""
        ended = True
        for stream, number in self._streams():
            stream._should_watch = False
            os.dup2(stream._original_stdstream_copy, number)  # nobody else can write: the pipe is at its end
            stream.watch_fd_thread.join(seconds)
            ended = ended and not stream.watch_fd_thread.is_alive()
            os.close(stream._original_stdstream_copy)
            os.close(stream._fid)
            stream._fid = stream._original_stdstream_copy = None
        return ended

    def second_half(self, connection_file: str) -> None:
        """Open the sockets that a connection file names, and start the threads."""
        app: Any = self
        self.connection_file = connection_file
        self.load_connection_file()
        self.session.pid, self.session.session = os.getpid(), str(uuid.uuid4())  # else it sends nothing, as a fork
        self._open_sockets()
        app.init_heartbeat()
        self.write_connection_file()
        app.log_connection_info()
        for stream, _ in self._streams():
            stream._master_pid, stream._io_loop = os.getpid(), self.iopub_thread.io_loop
            stream._flush_pending = stream._subprocess_flush_pending = False
            stream._rotate_buffers()
        self.watch()
        self._connect_kernel()
        self.kernel.start()

    def _open_sockets(self) -> None:
        app, late, module = cast(Any, self), cast(LateIOPub, self.iopub_thread), cast(Any, ipykernel.kernelapp)
        known, module.IOPubThread = module.IOPubThread, late.given
        try:
            app.init_sockets()
        finally:
            module.IOPubThread = known

    def _connect_kernel(self) -> None:
        kernel, stream = cast(Any, self.kernel), cast(Any, ipykernel.kernelapp).ZMQStream
        thread: Any = self.shell_channel_thread
        kernel.ident = str(uuid.uuid4())
        kernel.shell_channel_thread = thread
        kernel.shell_stream = thread.shell_stream = stream(self.shell_socket, thread.io_loop)
        if hasattr(thread, "_shell_socket"):  # before 7.4
            thread._shell_socket = self.shell_socket
        kernel.control_thread = self.control_thread
        kernel.control_stream = stream(self.control_socket, self.control_thread.io_loop)
        kernel.stdin_socket = self.stdin_socket
        self.control_thread.start()
        thread.start()
        kernel.record_ports({f"{name}_port": port for name, port in self._ports.items()})

    @staticmethod
    def _streams() -> list[tuple[Any, int]]:
        return [(sys.stdout, 1), (sys.stderr, 2)]

    def run(self) -> None:
        """Answer requests until the kernel is to end, and the one that says so has been answered."""
        self.io_loop = ioloop.IOLoop.current()
        self.io_loop.start()
        self.control_thread.join(_LAST_ANSWER)
