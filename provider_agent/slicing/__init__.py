"""From a model and a profile to G-code, with a real slicer in a process of its own."""

from provider_agent.slicing.profile import Sliced, SliceProfile
from provider_agent.slicing.service import Measured, model_measure, slice_model, slice_plate

__all__ = ["Measured", "SliceProfile", "Sliced", "model_measure", "slice_model", "slice_plate"]
