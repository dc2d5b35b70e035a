"""Numerics and files of Rankscope: keep the k most important, hard or softly.

Pure NumPy and SciPy: nothing in this package knows of Qt or of the window.

* ``engine.topk`` -- soft Top-k operators of a score vector.
* ``engine.spectrum`` -- singular values, rank rules and low-rank approximations.
* ``engine.files`` -- matrices from the files people have.
* ``engine.apart`` -- processes that may do nothing but read, and may die of it.
* ``engine.search`` -- full-text search, keywords and preferences, in English and Chinese.
"""
