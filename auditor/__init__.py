"""The auditor: proves one agreement from a node and a bundle, or names what does not add up."""
