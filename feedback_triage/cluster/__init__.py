"""Clusters from vectors, the same to the byte on every run, with no number of clusters given."""

from feedback_triage.cluster.centres import Centres, centres, join
from feedback_triage.cluster.clustering import NOISE, ClusterResult, cluster_vectors
from feedback_triage.cluster.neighbours import EXACT_UP_TO

__all__ = ["EXACT_UP_TO", "NOISE", "Centres", "ClusterResult", "centres", "cluster_vectors", "join"]
