"""The idea of nbapp: walk the cells top-down, prove each skip, execute the rest. Knows no host."""
