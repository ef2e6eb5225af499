"""Readers of model files, one a format. Only the measuring child imports those that parse."""
