"""What a run leaves in and beside the articles, where that was asked for."""

from __future__ import annotations

from classifier.cli.job import Job
from classifier.cli.records import Records
from classifier.decisions import LabelPolicy
from classifier.settings import Settings


def write_out(
    job: Job, found: Settings, policy: LabelPolicy, records: Records, *, scorer: str
) -> int:
    """Return the exit code. `policy` is for the whole taxonomy, `scorer` the judge's identity."""
    code = 0
    if job.sidecar:
        from classifier.cli.sidecars import write_beside

        code = write_beside(job, policy, records, scorer=scorer)
    if job.write:
        from classifier.cli.apply import write_decided

        code = max(code, write_decided(job, found, policy, records, scorer=scorer))
    return code
