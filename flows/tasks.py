"""The jobs as tasks. They pass file names, keys and counts; never what a customer wrote."""

from collections.abc import Callable, Mapping
from typing import Any

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from feedback_triage.pipeline import JOBS, may_pass, prove_links

Job = Callable[..., dict[str, Any]]


async def _is_passing(_task: Any, _run: TaskRun, state: State[Any]) -> bool:
    """Retry what may pass (a locked database, a full disk), not what a person must mend."""
    return may_pass(await state.aresult(raise_on_failure=False))


def as_task(name: str, job: Job) -> Job:
    """Give a job retries and a name in Prefect."""
    return Task(job, name=name, retries=2, retry_delay_seconds=[2, 10], retry_condition_fn=_is_passing)


TASKS: Mapping[str, Job] = {name: as_task(name, job) for name, job in {**JOBS, "prove": prove_links}.items()}
