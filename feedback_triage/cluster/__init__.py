"""Clusters from vectors, the same to the byte on every run, with no number of clusters given."""

from feedback_triage.cluster.clustering import NOISE, ClusterResult, cluster_vectors

__all__ = ["NOISE", "ClusterResult", "cluster_vectors"]
