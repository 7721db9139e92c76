"""What the benchmarks of themes share: sets, vectors, scores, the peer, and how pages are written."""
