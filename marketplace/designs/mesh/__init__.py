"""From a model file to its measurements, picture and estimate. Pure: no Django, no network, no database."""
