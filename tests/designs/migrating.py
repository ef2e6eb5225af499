"""What a migration does, by a name that Python can import."""

from importlib import import_module

seal_all = import_module("marketplace.designs.migrations.0003_secrecy").seal_all
