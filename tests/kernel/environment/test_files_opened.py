"""Each way in which Python opens or looks at a file whose path is computed: when the file is edited, the cell runs."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sqlite3
import sys
import tarfile
import threading
import types
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nbapp.core.memos.memo import Binding
from nbapp.kernel.environment.files.file_access import Files
from nbapp.kernel.environment.files.file_hooks import FileHooks
from nbapp.values.digest import Digest
from tests.kernel.book import Book


def at(source: str) -> str:
    """A cell that computes the path itself: a variable of another cell with a path in it would count as a file that it names."""
    return f"import os\np = os.path.join(os.getcwd(), ''.join(['d', 'a', 't', 'a']))\n{source}"


HELPER = """
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pathlib import Path

def read(path):
    text = Path(path).read_text()
    time.sleep(0.001)
    return text
"""


def plain(path: Path, text: str) -> None:
    path.write_text(text)


def packed(opened: Callable[..., io.IOBase]) -> Callable[[Path, str], None]:
    def write(path: Path, text: str) -> None:
        with opened(path, "wb") as file:
            file.write(text.encode())

    return write


def zipped(path: Path, text: str) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("inside", text)


def tarred(path: Path, text: str) -> None:
    with tarfile.open(path, "w") as file:
        info = tarfile.TarInfo("inside")
        info.size = len(text)
        file.addfile(info, io.BytesIO(text.encode()))


def table(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(f"create table t as select '{text}' as x")
    connection.commit()
    connection.close()


def array(path: Path, text: str) -> None:
    with path.open("wb") as file:
        np.save(file, np.array([int(text)]))


def folder(path: Path, text: str) -> None:
    for name in path.iterdir() if path.exists() else ():
        name.unlink()
    path.mkdir(exist_ok=True)
    (path / text).write_text("")


def linked(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.symlink_to(f"to-{text}")
    Path(path.parent, f"to-{text}").write_text(text)


def there(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    if text == "1":
        path.write_text("")


def number(path: Path, text: str) -> None:
    path.write_text(f"v = {text}\n")


WAYS = {
    "open": (plain, "open(p).read()"),
    "io.open": (plain, "__import__('io').open(p).read()"),
    "codecs.open": (plain, "__import__('codecs').open(p, encoding='utf-8').read()"),
    "io.FileIO": (plain, "import io\nwith io.FileIO(p) as f: x = f.read()\nx"),
    "a FileIO of one's own": (
        plain,
        "import io\nclass F(io.FileIO): pass\nwith F(p) as f: x = f.read()\nassert isinstance(f, io.FileIO)\nx",
    ),
    "io.open_code": (plain, "import io\nwith io.open_code(p) as f: x = f.read()\nx"),
    "os.open": (plain, "f = os.open(p, os.O_RDONLY)\nx = os.read(f, 9)\nos.close(f)\nx"),
    "os.lstat": (plain, "os.lstat(p).st_size"),
    "os.access": (there, "os.access(p, os.R_OK)"),
    "os.path.lexists": (there, "os.path.lexists(p)"),
    "os.readlink": (linked, "os.readlink(p)"),
    "os.scandir": (folder, "sorted(e.name for e in os.scandir(p))"),
    "os.walk": (folder, "list(os.walk(p))"),
    "Path.read_bytes": (plain, "from pathlib import Path\nPath(p).read_bytes()"),
    "Path.open": (plain, "from pathlib import Path\nwith Path(p).open() as f: x = f.read()\nx"),
    "Path.glob": (folder, "from pathlib import Path\nsorted(Path(p).glob('*'))"),
    "Path.rglob": (folder, "from pathlib import Path\nsorted(Path(p).rglob('*'))"),
    "Path.iterdir": (folder, "from pathlib import Path\nsorted(Path(p).iterdir())"),
    "Path.is_symlink": (linked, "from pathlib import Path\nPath(p).is_symlink(), Path(p).readlink()"),
    "glob": (folder, "import glob\nglob.glob(p + '/*')"),
    "bz2.open": (packed(bz2.open), "import bz2\nwith bz2.open(p) as f: x = f.read()\nx"),
    "bz2.BZ2File": (packed(bz2.open), "import bz2\nwith bz2.BZ2File(p) as f: x = f.read()\nx"),
    "gzip.open": (packed(gzip.open), "import gzip\nwith gzip.open(p) as f: x = f.read()\nx"),
    "lzma.open": (packed(lzma.open), "import lzma\nwith lzma.open(p) as f: x = f.read()\nx"),
    "zipfile": (zipped, "import zipfile\nwith zipfile.ZipFile(p) as f: x = f.read('inside')\nx"),
    "tarfile": (tarred, "import tarfile\nwith tarfile.open(p) as f: x = f.extractfile('inside').read()\nx"),
    "tokenize.open": (plain, "import tokenize\nwith tokenize.open(p) as f: x = f.read()\nx"),
    "runpy": (number, "import runpy\nrunpy.run_path(p)['v']"),
    "mmap": (plain, "import mmap\nwith open(p) as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m: x = m[:]\nx"),
    "shutil.copy": (plain, "import shutil\nopen(shutil.copy(p, p + 'copy')).read()"),
    "sqlite3": (
        table,
        "import sqlite3\nc = sqlite3.connect(p)\nx = c.execute('select x from t').fetchall()\nc.close()\nx",
    ),
    "sqlite3 by URI": (
        table,
        "import sqlite3\nc = sqlite3.connect(f'file:{p}?mode=ro', uri=True)\nx = c.execute('select x from t').fetchall()\nc.close()\nx",
    ),
    "fileinput": (plain, "import fileinput\nwith fileinput.input(p) as f: x = list(f)\nx"),
    "linecache": (plain, "import linecache\nlinecache.clearcache()\nlinecache.getlines(p)"),
    "importlib": (
        number,
        "from importlib.machinery import SourceFileLoader\nSourceFileLoader('m', p).get_data(p)",
    ),
    "a module by its path": (
        number,
        "import importlib.util as u\nfrom importlib.machinery import SourceFileLoader\n"
        "s = u.spec_from_loader('m', SourceFileLoader('m', p))\nm = u.module_from_spec(s)\ns.loader.exec_module(m)\nm.v",
    ),
    "np.load": (array, "import numpy as np\nnp.load(p)"),
    "np.memmap": (plain, "import numpy as np\nbytes(np.memmap(p, dtype='u1', mode='r'))"),
    "np.fromfile": (plain, "import numpy as np\nnp.fromfile(p, dtype='u1')"),
    "np.loadtxt": (plain, "import numpy as np\nnp.loadtxt(p)"),
    "pd.read_csv of a bz2": (packed(bz2.open), "import pandas as pd\npd.read_csv(p, compression='bz2', header=None)"),
    "pd.read_csv of a zip": (zipped, "import pandas as pd\npd.read_csv(p, compression='zip', header=None)"),
    "pd.read_csv of a tar": (tarred, "import pandas as pd\npd.read_csv(p, compression='tar', header=None)"),
    "pd.read_pickle": (
        lambda path, text: __import__("pandas").Series([text]).to_pickle(path),
        "import pandas as pd\npd.read_pickle(p)",
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_file_that_was_edited_makes_its_reader_run(book: Book, folder: Path, way: str) -> None:
    write, source = WAYS[way]
    path = folder / "data"
    if path.is_dir() and not path.is_symlink():
        for name in path.iterdir():
            name.unlink()
        path.rmdir()
    path.unlink(missing_ok=True)
    write(path, "1")
    book.open(at(source))
    first = book.outputs(0)
    assert book.run().states == ["skipped"]
    write(path, "22")  # longer: Python itself takes bytecode for as new as a source of the same second and size
    assert book.run().states == ["ran"]
    assert way == "os.lstat" or book.outputs(0) != first
    assert book.run().states == ["skipped"]


THREADS = {
    "ThreadPoolExecutor": "with helper.ThreadPoolExecutor(8) as pool: x = list(pool.map(helper.read, paths))",
    "ThreadPool": "with helper.ThreadPool(8) as pool: x = pool.map(helper.read, paths)",
    "asyncio.to_thread": "import asyncio\nx = await asyncio.gather(*(asyncio.to_thread(helper.read, p) for p in paths))",
    "threads": "import threading\nx = []\nts = [threading.Thread(target=lambda p=p: x.append(helper.read(p))) for p in paths]\nfor t in ts: t.start()\nfor t in ts: t.join()",
}


@pytest.mark.parametrize("how", THREADS)
def test_each_file_that_threads_read_at_the_same_time_is_seen(book: Book, folder: Path, how: str) -> None:
    (folder / "helper.py").write_text(HELPER)
    paths = [folder / f"part{index}" for index in range(8)]
    for path in paths:
        path.write_text("1" * 200_000)
    named = "import os, helper\npaths = [os.path.join(os.getcwd(), 'pa' + f'rt{i}') for i in range(8)]"
    book.open(named, f"{THREADS[how]}\nprint(sorted(len(t) for t in x))")
    for count, path in enumerate(paths, 2):
        path.write_text("1" * count)
        assert book.run().states == ["skipped", "ran"], path.name


def test_a_thread_that_imports_a_library_hides_no_file_of_another() -> None:
    files = Files(lambda file: Binding(file, Digest("any")))
    entered, leave = threading.Event(), threading.Event()

    def imports() -> None:
        with files.paused():
            entered.set()
            assert leave.wait(60)
            files.note("/data/there", reads=True, writes=False)

    with files.watching() as opened:
        thread = threading.Thread(target=imports)
        thread.start()
        assert entered.wait(60)
        files.note("/data/here", reads=True, writes=False)
        leave.set()
        thread.join()
    assert opened.read == {"file:/data/here"}


class Nobody:
    def note(self, path: object, *, reads: bool, writes: bool) -> None:
        """Hears nothing."""

    def holds(self, handle: object, path: object) -> None:
        """Keeps nothing."""


@pytest.mark.parametrize("name", ["ntools", "posix_helpers", "nbapp_tools"])
def test_a_module_imported_before_whose_name_begins_like_one_of_pythons_is_looked_through(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    module = types.ModuleType(name)
    vars(module)["read"] = original = io.open
    monkeypatch.setitem(sys.modules, name, module)
    with FileHooks(Nobody()).around():
        assert vars(module)["read"] is not original
    assert vars(module)["read"] is original


def test_after_a_cell_every_door_is_as_it_was() -> None:
    before = {name: dict(vars(module)) for name, module in (("os", os), ("io", io), ("bz2", bz2), ("tarfile", tarfile))}
    hooks = FileHooks(Nobody())
    with hooks.around():
        assert bz2._builtin_open is not before["bz2"]["_builtin_open"]  # type: ignore[attr-defined]
        assert io.FileIO.__name__ == "FileIO"
        with io.FileIO(os.devnull) as file:
            assert issubclass(type(file), before["io"]["FileIO"])
    for name, module in (("os", os), ("io", io), ("bz2", bz2), ("tarfile", tarfile)):
        assert dict(vars(module)) == before[name]
