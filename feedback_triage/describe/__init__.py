"""Names, keyphrases and exemplars of clusters, by contrast with the siblings; and the words of a spike."""

from feedback_triage.describe.describing import ClusterDescription, describe_clusters
from feedback_triage.describe.outburst import telling_words

__all__ = ["ClusterDescription", "describe_clusters", "telling_words"]
