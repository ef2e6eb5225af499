"""How many agents one marketplace hears, and what one agent costs."""
