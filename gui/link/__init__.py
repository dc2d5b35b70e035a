"""The line between a Python that shows an array and the window: sockets and files, no Qt.

What a caller imports is the standard library and NumPy; the window answers from ``server``.
"""
