"""The same work with marimo: a change runs the cells below it, the slow stage is cached."""

import marimo

app = marimo.App()

with app.setup:
    import time

    import marimo as mo


@app.cell
def load():
    time.sleep(2)
    table = list(range(1000))
    return (table,)


@app.cell
def stages():
    @mo.cache
    def slow(table, a):
        time.sleep(0.5)
        return f"a gives {sum(table) + a}"

    def cheap(table, b):
        return f"b gives {sum(table) + b}"

    return cheap, slow


@app.cell
def sliders():
    a = mo.ui.slider(0, 1000, value=0, label="a", full_width=True)
    b = mo.ui.slider(0, 1000, value=0, label="b", full_width=True)
    mo.vstack([a, b])
    return a, b


@app.cell
def slow_stage(a, slow, table):
    mo.plain_text(slow(table, a.value))
    return


@app.cell
def cheap_stage(b, cheap, table):
    mo.plain_text(cheap(table, b.value))
    return


if __name__ == "__main__":
    app.run()
