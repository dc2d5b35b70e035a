"""Work that a process apart does, which may die of it, and may do nothing but read: `Readers`.

Compiled code of others that parses a file may be ended, or taken over, by what is in the file.
`Readers` has such work done by processes that give up the network, writing to disk and reaching
other processes (`confine`) before they import anything, and from which nothing comes back but
plain values and arrays of numbers (`plain`).
"""

from engine.apart.confined import confine
from engine.apart.readers import ReaderLost, Readers

__all__ = ["READERS", "ReaderLost", "Readers", "confine"]

READERS = Readers(("engine.files", "h5py", "PIL.Image"))
