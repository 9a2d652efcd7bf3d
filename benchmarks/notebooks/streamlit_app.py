"""The same work with Streamlit: the script runs again at each change, what is expensive is cached."""

import time

import streamlit as st


@st.cache_data(show_spinner=False)
def load():
    time.sleep(2)
    return list(range(1000))


@st.cache_data(show_spinner=False)
def slow(table, a):
    time.sleep(0.5)
    return f"a gives {sum(table) + a}"


def cheap(table, b):
    return f"b gives {sum(table) + b}"


table = load()
a = st.slider("a", 0, 1000, 0)
b = st.slider("b", 0, 1000, 0)
st.text(slow(table, a))
st.text(cheap(table, b))
