"""Look into the store, and keep it small and sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.project.history import ArticleHistory
    from classifier.project.import_partitions import PartitionsImported
    from classifier.project.upkeep import Garbage, StoreStats


class StorageVerbs(Workspace):
    """Look into the store, and keep it small and sound."""

    def history(self, path: str | Path) -> ArticleHistory:
        """Return what is stored about an article: judgements, versions, verdicts, changes.

        Args:
            path: A file or bundle folder, even a deleted one.

        Raises:
            StoreError: Nothing is stored yet.
            UsageError: There is no such file, and nothing is stored about it.
        """
        from classifier.project.history import history

        return history(self, Path(path))

    def store_stats(self) -> StoreStats:
        """Count what is stored, and what each scorer has used.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import stats

        return stats(self)

    def verify_store(self) -> list[str]:
        """Check the store and return a line for each damage.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import verify

        return verify(self)

    def collect_garbage(self, *, other_definitions: bool = False, dry_run: bool = False) -> Garbage:
        """Delete superseded judgements, and those of texts that are in no file any more.

        Also deletes the stored vectors of the embedded scorer, which are made again when needed.

        Args:
            other_definitions: Also delete judgements of definitions that are not the project's.
            dry_run: Delete nothing.

        Raises:
            StoreError: Nothing is stored yet.
        """
        from classifier.project.upkeep import collect_garbage

        return collect_garbage(self, other_definitions=other_definitions, dry_run=dry_run)

    def import_partitions(self, folder: str | Path) -> PartitionsImported:
        """Store what `classifier.distributed.run` has judged, so that no run judges it again.

        Args:
            folder: The folder of its partitions: a path, or an address such as `s3://bucket/x`.

        Raises:
            UsageError: It has no partitions, or a package for the address is missing.
        """
        from classifier.project.import_partitions import import_partitions

        return import_partitions(self, folder)
