"""The Sources dock, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.state.document import Arrays
from gui.pages.sources.compute.tree import Tree

PAGE = Page("sources", "Sources", shared=(Tree,), given=(Arrays,), subject=Arrays, place="dock")
