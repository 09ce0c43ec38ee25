"""Where and how the points of a sweep are computed: in this process, in others, on a cluster."""
