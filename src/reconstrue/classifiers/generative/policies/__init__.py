"""How labels race: which draws an image gets, who stays in, and when to stop. One file per policy."""

from __future__ import annotations

from reconstrue.classifiers.generative.policies.base import Policy
from reconstrue.classifiers.generative.policies.clark_jaini import PairedTTest
from reconstrue.classifiers.generative.policies.fixed_grid import FixedGrid
from reconstrue.classifiers.generative.policies.safe_leader import SafeLeader
from reconstrue.classifiers.generative.policies.two_stage import TwoStage

__all__ = ["FixedGrid", "PairedTTest", "Policy", "SafeLeader", "TwoStage"]
