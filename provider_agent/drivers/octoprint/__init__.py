"""OctoPrint over its REST API."""
