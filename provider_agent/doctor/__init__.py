"""Everything that can be wrong with an agent, looked at without changing anything, beside a running one."""
