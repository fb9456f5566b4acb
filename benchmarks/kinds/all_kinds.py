"""All kinds of damage that are measured; a new one is added to a module, and the module here."""

from benchmarks.kinds.gaps import GAPS
from benchmarks.kinds.kind import Kind

KINDS: tuple[Kind, ...] = (*GAPS,)
