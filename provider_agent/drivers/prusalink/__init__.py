"""PrusaLink over its REST API: a Raspberry Pi on an MK2.5 to MK3S, or the printer itself from the MK4 on."""
