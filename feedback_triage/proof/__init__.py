"""Proof of a complaint about a link: ask the address itself whether anything is there."""

from feedback_triage.proof.addresses import is_public
from feedback_triage.proof.connecting import UnknownHostError
from feedback_triage.proof.outcomes import LinkProof, Outcome, ProofPolicy
from feedback_triage.proof.prover import Prover
from feedback_triage.proof.targets import Target, UnusableUrlError
from feedback_triage.proof.urls import urls_in

__all__ = [
    "LinkProof",
    "Outcome",
    "ProofPolicy",
    "Prover",
    "Target",
    "UnknownHostError",
    "UnusableUrlError",
    "is_public",
    "urls_in",
]
