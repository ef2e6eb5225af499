"""Bambu Lab printers in LAN mode with developer mode on: MQTT for words, FTPS for files."""
