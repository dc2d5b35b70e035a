"""Search over short texts in English and Chinese: what is found, like, and preferred."""

from engine.search.about import keywords, related
from engine.search.document import Document, Group, Hit
from engine.search.index import Index
from engine.search.preference import History, preferred
from engine.search.query import Keyword
from engine.search.splitting import marked, terms

__all__ = [
    "Document",
    "Group",
    "History",
    "Hit",
    "Index",
    "Keyword",
    "keywords",
    "marked",
    "preferred",
    "related",
    "terms",
]
