"""Labels: the classifier and the kinds of model it can hold.

`label.tuned` is not imported here: it takes seconds, and most who ask for a classifier's name never run one.
"""

from feedback_triage.label.classifier import FeedbackClassifier, LabelModel, model_classes
from feedback_triage.label.surface import N_SURFACE_FEATURES, surface_features
from feedback_triage.label.team import TeamModel
from feedback_triage.label.vector_model import VectorModel, feature_matrix

__all__ = [
    "N_SURFACE_FEATURES",
    "FeedbackClassifier",
    "LabelModel",
    "TeamModel",
    "VectorModel",
    "feature_matrix",
    "model_classes",
    "surface_features",
]
