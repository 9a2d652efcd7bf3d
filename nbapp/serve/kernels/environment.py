"""What a kernel gets of the server's environment variables: those on a list, never its secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# Where programs, libraries and settings are found, how text and numbers are written, how many threads compute, and
# what Voila tells about the request. Names of secrets (tokens, passwords, keys) are what must not be here.
_PASSED = re.compile(
    r"""PATH|HOME|USER|LOGNAME|SHELL|TERM|TMPDIR|TZ|LANG|LANGUAGE|LC_\w+|XDG_\w+_(HOME|DIR|DIRS)
    |PYTHON(PATH|HOME|HASHSEED|UTF8|IOENCODING|WARNINGS|PYCACHEPREFIX|DONTWRITEBYTECODE|NOUSERSITE|UNBUFFERED)
    |VIRTUAL_ENV|CONDA_(PREFIX|DEFAULT_ENV|EXE)|(DY)?LD_LIBRARY_PATH|LD_PRELOAD
    |JUPYTER_(PATH|CONFIG_DIR|CONFIG_PATH|DATA_DIR|RUNTIME_DIR|PLATFORM_DIRS)|IPYTHONDIR|MPL(BACKEND|CONFIGDIR)
    |(OMP|OPENBLAS|MKL|NUMEXPR|VECLIB_MAXIMUM|NUMBA|POLARS)_(MAX|NUM)?_?THREADS|CUDA_(HOME|PATH|VISIBLE_DEVICES)
    |SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|COVERAGE_\w+
    |VOILA_\w+|SCRIPT_NAME|PATH_INFO|QUERY_STRING|SERVER_(SOFTWARE|PROTOCOL|PORT|NAME)""",
    re.VERBOSE,
)


def environment(variables: Mapping[str, str], declared: Iterable[str] = ()) -> dict[str, str]:
    """What a kernel gets of some environment variables: the usual ones, and those that the author declared by name."""
    names = frozenset(declared)
    return {name: value for name, value in variables.items() if name in names or _PASSED.fullmatch(name)}
