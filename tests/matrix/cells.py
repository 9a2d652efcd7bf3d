"""One small notebook of what people use: each cell by a name, and what must be the same with nbapp and without."""

from __future__ import annotations

CELLS = {
    "imports": "import logging, sys, time, warnings\nimport ipywidgets as W\nfrom IPython.display import HTML, display",
    "inline figure, shown": "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "inline figure, left": "plt.plot([3, 1]);",
    "two figures": "for n in (1, 2):\n    plt.figure()\n    plt.plot([n])\nplt.show()",
    "figure as a result": "fig, ax = plt.subplots()\nplt.close(fig)\nfig",
    "no figure is open": "print(plt.get_fignums())",
    "interact with a figure": "def f(m=1):\n    plt.plot([m])\n    plt.show()\nW.interact(f, m=(0, 5));",
    "interact with text": "W.interact(lambda x, word='a': print(x, word), x=(0, 4));",
    "interactive_output": "m = W.IntSlider(2)\nshown = W.interactive_output(lambda m: print(m * 2), {'m': m})\n"
    "display(m, shown)\nm.value = 4",
    "observe": "heard = []\nm.observe(lambda change: heard.append(change.new), 'value')\nm.value = 5\nheard",
    "link": "left, right = W.IntText(1), W.IntText(2)\nW.link((left, 'value'), (right, 'value'))\nleft.value = 7\n"
    "right.value",
    "an Output": "out = W.Output()\nwith out:\n    print('inside')\n    display(HTML('<b>bold</b>'))\nout",
    "pandas": "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'b': [3.5, None]})\ndf",
    "pandas plot": "df.plot()",
    "pandas styler": "df.style.set_uuid('same').highlight_max()",
    "plotly": "import plotly.graph_objects as go\nimport plotly.io as pio\npio.renderers.default = 'plotly_mimetype'\n"
    "go.Figure(go.Bar(y=[2, 1]))",
    "FigureWidget": "w = go.FigureWidget(go.Bar(y=[2, 1]))\nw.data[0].on_click(print)\nw.layout.title = 'A'\nw",
    "equal FigureWidgets": "a, b = go.FigureWidget(), go.FigureWidget()\n"
    "a.observe(lambda change: None, '_model_module')\nprint(a == b, a is b)\ntry:\n    hash(a)\nexcept TypeError as e:\n"
    "    print(e)",
    "altair": "import altair as alt\nalt.Chart(alt.Data(values=[{'x': 1}])).mark_point().encode(x='x:Q')",
    "bqplot": "import bqplot.pyplot as bq\nbq.figure()\nbq.plot([1, 2], [2, 1])\nbq.current_figure()",
    "itables": "import itables\nitables.init_notebook_mode(connected=True)\nprint(type(itables.to_html_datatable(df)))",
    "ipympl": "%matplotlib widget\nfigure = plt.figure()\nplt.plot([1, 2])\nprint(type(figure.canvas).__name__)\nplt.show()",
    "back to inline": "plt.close('all')\n%matplotlib inline\nplt.plot([1])\nplt.show()",
    "tqdm": "from tqdm import tqdm\nprint(sum(tqdm(range(3), bar_format='{l_bar}{bar}|')))",
    "tqdm in widgets": "from tqdm.notebook import tqdm as bars\nprint(sum(bars(range(3))))",
    "logging": "logging.warning('careful')\nlogging.getLogger('mine').error('worse')",
    "logging of an error": "try:\n    open('none.txt')\nexcept OSError:\n    logging.exception('no file')",
    "warnings": "warnings.warn('old')\nwarnings.warn('older', DeprecationWarning)",
    "a warning of ipywidgets": "W.Text(description_tooltip='x').description_tooltip",
    "display_id": "handle = display(HTML('first'), display_id='shown')\nhandle.update(HTML('second'))",
    "clear_output": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "both streams": "print('one')\nprint('two', file=sys.stderr)\nprint('three')",
    "%time": "%time sum(range(10))",
    "%%time": "%%time\nprint('timed')",
    "%%capture": "%%capture caught\nprint('caught')",
    "captured": "caught.stdout",
    "shell": "!echo from the shell\nlines = !echo two; echo lines\nlines",
    "%%writefile": "%%writefile script.py\nmade = 6 * 7\nprint('script', made)",
    "%run": "%run script.py\nmade",
    "%%bash": "%%bash\necho from bash",
    "import of a file": "import script\nscript.made",
    "files": "from pathlib import Path\nPath('note.txt').write_text('note')\nprint(open('note.txt').read())\n"
    "print(pd.read_csv(__import__('io').StringIO('a\\n1')))",
    "threads": "import threading\nthread = threading.Thread(target=print, args=('in a thread',))\nthread.start()\nthread.join()",
    "await": "import asyncio\nawait asyncio.sleep(0)\nprint('awaited')",
    "docs and signatures": "import inspect, os\nfor item in (W.Widget.observe, W.Button().on_click, W.IntSlider, W.Output, open, os.stat,\n"
    "             W.Widget.send_state, W.interactive.update, threading.Thread.start, plt.show):\n"
    "    print(item.__name__ if hasattr(item, '__name__') else item, inspect.signature(item), inspect.getdoc(item)[:60])",
    "help": "W.Widget.observe?",
    "a class of widgets": "class Named(W.HBox):\n    def __init__(self, name):\n        self.label = W.Label(name)\n"
    "        super().__init__([self.label])\nNamed('mine')",
    "a widget equal to all": "class Same(W.IntSlider):\n    def __eq__(self, other):\n        return True\n"
    "    __hash__ = None\none, two = Same(value=1), Same(value=2)\none.observe(lambda c: print('one', c.new), 'value')\n"
    "two.value = 3\none.value = 4\nprint(one.value, two.value)\nW.HBox([one, two])",
}
ERRORS = {
    "an error": "def divide(x):\n    return 1 / x\ndivide(0)",
    "no file": "open('none.txt')",
    "no file for pandas": "pd.read_csv('none.csv')",
    "no module": "import nothing_of_that_name",
    "a broken module": "Path('broken.py').write_text('def f(): return 1 / 0\\nf()')\nimport broken",
    "a wrong value": "m.value = 'x'",
    "a wrong constructor": "W.IntSlider(value='x')",
    "a wrong figure": "plt.figure(8, nothing=1)",
    "a wrong keyword": "os.stat(nothing=1)",
    "an error in a thread of a pool": "from concurrent.futures import ThreadPoolExecutor\n"
    "ThreadPoolExecutor().submit(divide, 0).result()",
    "a syntax error": "this is none",
    "an unknown magic": "%nothing_of_that_name",
    "a chain of errors": "try:\n    divide(0)\nexcept ZeroDivisionError as e:\n    raise ValueError('chained') from e",
    "after the errors": "print(m.value, plt.get_fignums())",
}
