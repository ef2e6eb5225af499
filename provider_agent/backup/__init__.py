"""One encrypted file with all that an agent may not lose, and a home made of it again."""
