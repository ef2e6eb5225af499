"""What a restored journal does before its agent signs anything: it learns what that agent signed since the
backup, from the marketplace that holds it and the chain that shows it."""
