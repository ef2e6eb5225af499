"""python -m provider_agent"""

from provider_agent.cli import main

main(prog_name="infill-agent")
