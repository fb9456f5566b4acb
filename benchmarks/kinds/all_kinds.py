"""All kinds of damage that are measured; a new one is added to a module, and the module here."""

from benchmarks.kinds.channels import CHANNELS
from benchmarks.kinds.gaps import GAPS
from benchmarks.kinds.kind import Kind
from benchmarks.kinds.levels import LEVELS

KINDS: tuple[Kind, ...] = (*GAPS, *CHANNELS, *LEVELS)
