"""The systemd unit of an agent: its own user, its own folder, nothing else it may write or see."""

from __future__ import annotations

from pathlib import Path

from provider_agent.errors import UnitRefused

HOME = Path("/var/lib/infill-agent")
PASSWORD = Path("/etc/infill-agent/password")
HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp")  # noqa: S108 - compared with, not written to

UNIT = """\
# infill-agent unit | sudo tee /etc/systemd/system/infill-agent.service; docs/running.md says the rest.
[Unit]
Description=Infill provider agent
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
Type=simple
User={user}
ExecStart={program} --home {home} run
Environment=INFILL_AGENT_PASSWORD_FILE=%d/password
LoadCredential=password:{password}
StateDirectory=infill-agent
StateDirectoryMode=0700
WorkingDirectory={home}
UMask=0077

# Killed at any moment it resumes where it was. What is wrong with password or chain does not pass by itself.
Restart=on-failure
RestartSec=10
TimeoutStopSec=30
WatchdogSec=120
NotifyAccess=main

NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
# No MemoryDenyWriteExecute: where cura-wasm slices, node compiles as it runs.

[Install]
WantedBy=multi-user.target
"""


def unit_text(program: Path, *, user: str) -> str:
    """The unit that runs `program`, an absolute path. Raises UnitRefused for one the unit could not see."""
    for place in HIDDEN:
        if program.is_relative_to(place):
            raise UnitRefused(
                f"{program} is under {place}, which the unit hides from the agent: install it under /opt, and"
                " print the unit with that one"
            )
    return UNIT.format(program=program, home=HOME, user=user, password=PASSWORD)
