"""From a model and a profile to G-code, with a real slicer in a process of its own."""

from provider_agent.slicing.profile import Sliced, SliceProfile
from provider_agent.slicing.service import slice_model

__all__ = ["SliceProfile", "Sliced", "slice_model"]
