"""A real nginx with all that it writes in one folder."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
_WHOLE = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {http}
}}
"""


def started(folder: Path, http: str) -> subprocess.Popen[bytes]:
    """Start nginx with this in its `http` block; the folder exists."""
    assert NGINX is not None, "make nginx installs it"
    (folder / "conf").write_text(_WHOLE.format(folder=folder, http=http))
    return subprocess.Popen([NGINX, "-p", folder, "-c", folder / "conf", "-e", "stderr"])
