"""A whole class: on the workers of one machine, or of a cluster."""
