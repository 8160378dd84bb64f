"""Illusions of the pocket world: pictures that are A and B at once, with the places of the parts of each."""

from reconstrue.stimuli.world.illusions.illusion import Illusion, Kind
from reconstrue.stimuli.world.illusions.sets import KINDS, illusion_set

__all__ = ["KINDS", "Illusion", "Kind", "illusion_set"]
