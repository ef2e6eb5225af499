"""The agent's journal: one SQLite file with all it may not lose; what must survive is written here first."""
