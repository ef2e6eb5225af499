"""From nothing to listed: printers found, questions asked, agent.toml written, example bids shown."""
