"""The worst cases of accuracy found for the soft Top-k operators, and how they are found.

``python -m tests.support.worst_cases`` (minutes) writes tests/data/topk_worst_cases.json again.
"""
