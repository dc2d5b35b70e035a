"""What other distributions add: formats, operators, rank rules and pages, by entry points.

Each entry point names one record, the same as a file of this package would hold.  It is loaded when
something asks for all there is of its group, or for what the program itself does not have.
"""

from engine.plugins.checked import checked_record
from engine.plugins.contained import ContainedObject, PluginError, contained
from engine.plugins.found import GROUPS, Plugin, declared, forget
from engine.plugins.registered import Registered, RegisteredByKey
from engine.plugins.switched import is_off, normalised, switch

__all__ = [
    "GROUPS",
    "ContainedObject",
    "Plugin",
    "PluginError",
    "Registered",
    "RegisteredByKey",
    "checked_record",
    "contained",
    "declared",
    "forget",
    "is_off",
    "normalised",
    "switch",
]
