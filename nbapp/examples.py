"""What `--help` shows of each command: lines that can be typed as they stand."""

from __future__ import annotations

SERVE = """\
examples:
  nbapp serve sales.ipynb
      opens the app in the browser; only this computer can reach it
  nbapp serve reports/
      an index of the notebooks in a folder; each is an app of its own, which starts when somebody opens it
  nbapp serve sales.ipynb --set region=East --set n=5 --theme dark
      starts with other values: NAME is the global name that holds a widget
  nbapp serve sales.ipynb --set 'tags=["a","b"]'
      a value that is a list is written as JSON
  nbapp serve sales.ipynb --ip 0.0.0.0 --token
      lets others in who have the link with the token, which is printed
  nbapp serve sales.ipynb --no-browser --port 9000 --base-url /sales/
      behind a proxy
  nbapp serve sales.ipynb --cache-size 512MB --debounce 0.2 --timeout 60
      bounds the memory for earlier results, waits for a pause in a drag, stops cells after a minute
"""

RUN = """\
examples:
  nbapp run sales.ipynb
      runs every cell; exit code 1 when a cell fails
  nbapp run sales.ipynb --set region=East --set n=5 -o east.ipynb
      runs with other values and writes the notebook with its outputs
  nbapp run sales.ipynb --set region=East,West --set n=5,10 -o 'out/{region}-{n}.html'
      one report for each combination, several at once: a name in braces takes several values
"""

EXPORT = """\
examples:
  nbapp export sales.ipynb
      writes sales.html: the page as it stands, in one file that opens without a kernel, a server and a network
  nbapp export sales.ipynb --set region=East -o east.pdf
      with other values, on paper; needs Chromium, Chrome or Edge on this computer
  nbapp export sales.ipynb -o sales-run.ipynb
      a copy of the notebook, with outputs
"""

VERIFY = """\
examples:
  nbapp verify sales.ipynb
      25 random changes of widgets and cells; after each a fresh process without a cache must agree
  nbapp verify sales.ipynb --steps 200 --seed 7
      a longer walk, and one that can be repeated
  nbapp verify sales.ipynb > walk.py
      exit code 3: something differs, and walk.py shows it when it is run
"""

CHECK = """\
examples:
  nbapp check sales.ipynb
      runs it once and says what will not work or be slow when it is served; exit code 3 when there is a problem
  nbapp check sales.ipynb --no-run
      only reads it: for a file that must not be executed
  nbapp check sales.ipynb --json > found.json
      the same for scripts
"""

SHARE = """\
examples:
  nbapp share sales.ipynb
      makes a link to the app for others; nbapp serve or a JupyterHub must be running it
  nbapp share sales.ipynb --expires 7d --set region=East --set n=5
      a link that is good for a week and starts with these values
  nbapp share sales.ipynb --current
      starts with the values that its controls have now: the notebook must be open and running in your Jupyter server
  nbapp share sales.ipynb --name sales-east --pin
      a link of this name, to the notebook as it is now, whatever becomes of the file
  nbapp share sales.ipynb --to bob physics
      on a JupyterHub: only for these users and groups
  nbapp share --list
      your links
  nbapp share --revoke sales-east
      takes a link back: pages that are open by it stop within seconds
"""


CACHE = """\
examples:
  nbapp cache ls
      the results that are stored, the last used first
  nbapp cache du
      what they take, by function
  nbapp cache prune --keep 500MB
      removes those that were not used for the longest time; without --keep all
  nbapp cache verify --remove
      reads all, and removes what is damaged or was written by somebody without your key; exit code 3 if there was any
  nbapp cache ls --cache redis://cache.example.org
      at another place
"""
