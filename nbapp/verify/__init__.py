"""`nbapp verify`: random walks over a notebook, each step compared with a fresh process that has no cache.

`nbapp.verify.check.differences(app)` asks the same question of one `AppTest`. This file imports nothing, because parts
of the package run in kernels.
"""
