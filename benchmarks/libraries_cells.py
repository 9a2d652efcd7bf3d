"""Two cells of each library, below `n = IntSlider(3)`: one that makes something, one that prints what it came to.

The packages that each needs come first; what is printed must depend on `n`. `None` in place of packages: nbapp's own.
"""

from __future__ import annotations

SLIDER = "import ipywidgets as w\nn = w.IntSlider(3, max=50, description='n')\nn"
FRAME = "import pandas as pd\ndf = pd.DataFrame({'a': range(10), 'b': list('xyxyxyxyxy')})"

CELLS: dict[str, tuple[str, str, str]] = {
    # widgets
    "anywidget": (
        "anywidget",
        "import anywidget, traitlets\nclass A(anywidget.AnyWidget):\n    _esm = 'export default {render({el}) "
        '{el.innerText = "any"}}\'\n    k = traitlets.Int().tag(sync=True)\na = A(k=n.value)\na',
        "print('OK', a.k)",
    ),
    "bqplot": (
        "bqplot",
        "from bqplot import pyplot as p\nf = p.figure('k'); p.plot([1, 2], [n.value, 2])\nf",
        "print('OK', len(f.marks), f.marks[0].y[0])",
    ),
    "ipycanvas": (
        "ipycanvas",
        "import ipycanvas\nc = ipycanvas.Canvas(width=100 + n.value); c.fill_rect(0, 0, 10, 10)\nc",
        "print('OK', c.width)",
    ),
    "ipydatagrid": (
        "ipydatagrid",
        f"{FRAME}\nimport ipydatagrid\ng = ipydatagrid.DataGrid(df[df.a < n.value])\ng",
        "print('OK', len(g.data))",
    ),
    "ipyfilechooser": (
        "ipyfilechooser",
        "from ipyfilechooser import FileChooser\nf = FileChooser('/', filename=f'x{n.value}', select_default=True)\nf",
        "print('OK', f.selected)",
    ),
    "ipyleaflet": (
        "ipyleaflet",
        "import ipyleaflet\nm = ipyleaflet.Map(zoom=n.value)\nm.add(ipyleaflet.Marker(location=(0, 0)))\nm",
        "print('OK', m.zoom, len(m.layers))",
    ),
    "ipympl": (
        "ipympl",
        "%matplotlib widget\nimport matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots(); ax.plot([n.value, 2])\nplt.show()",
        "print('OK', len(ax.lines), ax.lines[0].get_ydata()[0])",
    ),
    "ipysheet": (
        "ipysheet",
        "import ipysheet\ns = ipysheet.sheet('k', rows=2, columns=2); c = ipysheet.cell(0, 0, n.value)\ns",
        "print('OK', len(s.cells), c.value)",
    ),
    "ipytree": (
        "ipytree",
        "import ipytree\nt = ipytree.Tree(nodes=[ipytree.Node(str(n.value))])\nt",
        "print('OK', t.nodes[0].name)",
    ),
    "ipyvuetify": (
        "ipyvuetify",
        "import ipyvuetify as v\nb = v.Btn(children=[str(n.value)])\nb",
        "print('OK', b.children)",
    ),
    "itables": (
        "itables anywidget",
        f"{FRAME}\nfrom itables.widget import ITable\nt = ITable(df[df.a < n.value])\nt",
        "print('OK', len(t.df))",
    ),
    "plotly, a widget": (
        "plotly anywidget",
        "import plotly.graph_objects as go\nf = go.FigureWidget(data=[go.Scatter(y=[n.value, 2])])\nf",
        "print('OK', f.data[0].y)",
    ),
    "pythreejs": (
        "pythreejs",
        "import pythreejs as t\nb = t.BoxGeometry(width=n.value)\nm = t.Mesh(b, t.MeshBasicMaterial())",
        "print('OK', m.geometry.width)",
    ),
    "tqdm": (
        "tqdm",
        "from tqdm.auto import tqdm\ntotal = sum(tqdm(range(n.value)))",
        "print('OK', total)",
    ),
    # pictures
    "altair": (
        "altair",
        f"{FRAME}\nimport altair as alt\nc = alt.Chart(df[df.a < n.value]).mark_point().encode(x='a')\nc",
        "print('OK', len(c.data))",
    ),
    "bokeh": (
        "bokeh",
        "from bokeh.plotting import figure\nf = figure(width=100 + n.value); r = f.line([1, 2], [n.value, 2])",
        "print('OK', f.width, len(f.renderers))",
    ),
    "folium": ("folium", "import folium\nm = folium.Map(zoom_start=n.value)", "print('OK', m.options['zoom'])"),
    "holoviews": ("holoviews", "import holoviews as hv\nc = hv.Curve([n.value, 2])", "print('OK', c.data.y[0])"),
    "matplotlib": (
        "matplotlib",
        "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(); ax.plot([n.value, 2]); plt.show()",
        "print('OK', len(ax.lines), ax.lines[0].get_ydata()[0])",
    ),
    "plotly, templates": (
        "plotly",
        "import plotly.io as pio, plotly.graph_objects as go\n"
        "pio.templates['mine'] = go.layout.Template(layout={'width': n.value + 100})",
        "print('OK', pio.templates['mine'].layout.width)",
    ),
    "seaborn": (
        "seaborn",
        f"{FRAME}\nimport seaborn as sns\nsns.set_theme(); ax = sns.histplot(df[df.a < n.value].a)",
        "print('OK', int(sum(p.get_height() for p in ax.patches)))",
    ),
    # data
    "astropy": (
        "astropy",
        "from astropy import units as u\nfoo = u.def_unit('foo', n.value * u.m); e = u.add_enabled_units([foo])",
        "print('OK', (1 * u.Unit('foo')).to(u.m))",
    ),
    "dask": ("dask", "import dask\nc = dask.config.set({'mine.k': n.value})", "print('OK', dask.config.get('mine.k'))"),
    "duckdb": (
        "duckdb",
        "import duckdb\ncon = duckdb.connect()\ncon.execute('create table t as select ? as a', [n.value]);",
        "print('OK', con.execute('select a from t').fetchall())",
    ),
    "gmpy2": (
        "gmpy2",
        "import gmpy2\ngmpy2.get_context().precision = 50 + n.value",
        "print('OK', gmpy2.get_context().precision)",
    ),
    "h5py": (
        "h5py",
        "import h5py\nf = h5py.File('a.h5', 'w')",
        "f.require_dataset('x', (1,), 'i4')[0] = n.value; print('OK', f['x'][0])",
    ),
    "lmdb": (
        "lmdb",
        "import lmdb\nenv = lmdb.open('b.lmdb')",
        "with env.begin(write=True) as t: t.put(b'k', b'v'); print('OK', n.value)",
    ),
    "lxml": (
        "lxml",
        "from lxml import etree\nx = etree.Element('a'); x.set('k', str(n.value))",
        "print('OK', x.get('k'))",
    ),
    "netCDF4": (
        "netCDF4",
        "import netCDF4\nds = netCDF4.Dataset('c.nc', 'w'); d = ds.createDimension('t', 1)",
        "v = ds.createVariable('v', 'f4', ('t',)); v[:] = n.value; print('OK', v[0])",
    ),
    "networkx": ("networkx", "import networkx as nx\ng = nx.path_graph(n.value)", "print('OK', len(g.edges))"),
    "pandas": ("pandas", FRAME, "print('OK', int(df.groupby('b').a.sum().iloc[0]) + n.value)"),
    "pydantic": (
        "pydantic",
        "import pydantic\nclass M(pydantic.BaseModel):\n    x: int = 1\nm = M(); m.x = n.value",
        "print('OK', m.model_dump_json())",
    ),
    "pint": (
        "pint",
        "import pint\nr = pint.UnitRegistry(); r.define(f'foo = {n.value} m'); pint.set_application_registry(r)",
        "print('OK', pint.Quantity(1, 'foo').to('m'))",
    ),
    "polars": (
        "polars",
        "import polars as pl\ns = pl.Series('a', [1, 2, n.value]).sort()",
        "print('OK', s.max(), s.flags['SORTED_ASC'])",
    ),
    "prettytable": (
        "prettytable",
        "from prettytable import PrettyTable\nt = PrettyTable(['a']); t.add_row([n.value])",
        "print('OK', len(t.rows), t.rows[0])",
    ),
    "pyarrow": ("pyarrow", "import pyarrow as pa\nc = pa.chunked_array([[1]] * n.value)", "print('OK', c.num_chunks)"),
    "rdkit": (
        "rdkit",
        "from rdkit import Chem\nm = Chem.MolFromSmiles('CCO')",
        "m.SetProp('k', str(n.value)); print('OK', m.GetProp('k'))",
    ),
    "scikit-learn": (
        "scikit-learn",
        "from sklearn.neighbors import KNeighborsRegressor\nm = KNeighborsRegressor(1).fit([[0], [5]], [0, 5])",
        "print('OK', m.predict([[n.value]])[0])",
    ),
    "shapely": (
        "shapely",
        "import shapely\ng = shapely.Point(0, 0).buffer(n.value); shapely.prepare(g)",
        "print('OK', int(g.area))",
    ),
    "statsmodels": (
        "statsmodels",
        f"{FRAME}\nimport statsmodels.formula.api as smf\nfit = smf.ols('a ~ b', df[df.a < n.value + 4]).fit()",
        "print('OK', int(fit.nobs))",
    ),
    "sympy": (
        "sympy",
        "import sympy\nfrom sympy.assumptions import global_assumptions, Q\nx = sympy.Symbol('x')\n"
        "if n.value > 4: global_assumptions.add(Q.positive(x))",
        "print('OK', sympy.ask(Q.positive(x)), n.value)",
    ),
    "tables": (
        "tables",
        "import tables\nf = tables.open_file('d.h5', 'w'); a = f.create_array('/', 'x', [1, 2])",
        "print('OK', a[0] * n.value)",
    ),
    "uncertainties": (
        "uncertainties",
        "from uncertainties import ufloat\nu = ufloat(n.value, 1)",
        "print('OK', u.s + u.n)",
    ),
    "xarray": (
        "xarray",
        "import xarray as xr\nd = xr.Dataset({'a': ('t', [1, n.value])})",
        "print('OK', int(d.a.sum()))",
    ),
}
