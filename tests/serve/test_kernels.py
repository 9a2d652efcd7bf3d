"""What of the server's environment reaches a notebook."""

from __future__ import annotations

import pytest
import zmq.asyncio

from nbapp.serve.kernels.environment import environment
from nbapp.serve.kernels.page_kernel import PageKernel

SECRETS = [
    "JUPYTERHUB_API_TOKEN",
    "JPY_API_TOKEN",
    "JUPYTER_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "GITHUB_TOKEN",
    "DATABASE_URL",
    "PGPASSWORD",
    "SSH_AUTH_SOCK",
    "CONFIGPROXY_AUTH_TOKEN",
    "PYTHON_KEYRING_BACKEND",
    "XDG_TOKEN",
    "LD_SECRET",
    "MYPATH",
    "PATHS",
]
NEEDED = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "VIRTUAL_ENV",
    "CONDA_PREFIX",
    "JUPYTER_PATH",
    "IPYTHONDIR",
    "MPLBACKEND",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "XDG_CACHE_HOME",
    "XDG_RUNTIME_DIR",
    "LD_LIBRARY_PATH",
    "CUDA_VISIBLE_DEVICES",
    "SSL_CERT_FILE",
    "QUERY_STRING",
    "VOILA_REQUEST_URL",
    "SERVER_PORT",
]


@pytest.mark.parametrize("name", SECRETS)
def test_what_may_be_a_secret_stays_out_unless_declared(name: str) -> None:
    assert environment({name: "x"}) == {}
    assert environment({name: "x"}, [name]) == {name: "x"}


@pytest.mark.parametrize("name", NEEDED)
def test_what_programs_need_comes_along(name: str) -> None:
    assert environment({name: "x"}) == {name: "x"}


async def test_the_socket_of_a_page_drops_nothing_that_a_kernel_publishes() -> None:
    with zmq.asyncio.Context() as context:
        kernel = PageKernel(context=context)
        kernel.iopub_port = 9  # nobody is there; ZeroMQ would go on trying
        stream = kernel.connect_iopub()
        try:
            assert stream.socket.rcvhwm == 0
        finally:
            stream.close(linger=0)
