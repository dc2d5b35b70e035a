"""``%load_ext rankscope``, then ``%show a``: the call without its brackets."""

from __future__ import annotations

from typing import Any

from gui.link.naming import names_in
from gui.link.show import Handle, show_named


def load(shell: Any) -> None:
    """Give an IPython the line ``%show``, which returns the handle."""

    def line(text: str, local_ns: dict[str, Any] | None = None) -> Handle:
        """Show arrays in the Rankscope window: %show a, page="spectrum", rank=8."""
        call = f"show({text})"
        mine = {"show": lambda *arrays, **keywords: (arrays, keywords)}
        arrays, keywords = eval(call, {**shell.user_ns, **(local_ns or {}), **mine})
        return show_named(arrays, names_in(call), keywords, site=f"%show {text}")

    # As IPython's decorators say it: variables of a function count, and braces are Python's.
    line.__dict__.update(needs_local_scope=True, _ipython_magic_no_var_expand=True)
    shell.register_magic_function(line, "line", "show")
