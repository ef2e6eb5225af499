"""What an agent does, on one screen, read beside it."""
