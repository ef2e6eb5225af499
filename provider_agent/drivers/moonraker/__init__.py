"""Klipper printers, over the API of Moonraker."""
