"""From a won bid to a paid one, step by step. Every step may be repeated after a crash at any line."""
