"""``%load_ext rankscope``, then ``%show a``: the call without its brackets."""

from __future__ import annotations

from typing import Any

from gui.link.naming import names_in
from gui.link.show import Handle, show_named


def load(shell: Any) -> None:
    """Give an IPython the line ``%show``, which returns the handle."""

    def line(text: str) -> Handle:
        """Show arrays in the Rankscope window: %show a, page="spectrum", rank=8."""
        call = f"show({text})"
        space = {**shell.user_ns, "show": lambda *arrays, **keywords: (arrays, keywords)}
        arrays, keywords = eval(call, space)
        return show_named(arrays, names_in(call), keywords, site=f"%show {text}")

    shell.register_magic_function(line, "line", "show")
