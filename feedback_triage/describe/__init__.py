"""Names, keyphrases and exemplars of clusters, by contrast with the siblings."""

from feedback_triage.describe.describing import ClusterDescription, describe_clusters

__all__ = ["ClusterDescription", "describe_clusters"]
