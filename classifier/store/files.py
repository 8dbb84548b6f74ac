"""What the files of articles held when they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from classifier.store import values
from classifier.store.database import IN_LIST, Database, encoded, json_list
from classifier.store.records import FileRecord


class Files:
    """The part of a `Store` about files: digests, languages, former versions."""

    _db: Database

    def files(self, paths: Iterable[str]) -> dict[str, FileRecord]:
        """Return what the `paths` held when they were last read, without forgotten ones."""
        rows = self._db.read(
            "SELECT f.path, n.name, f.size, f.mtime_ns FROM files f JOIN names n"
            f" ON n.id = f.article WHERE f.current AND f.path IN {IN_LIST}",
            (json_list(paths),),
        )
        with self._db.decoding():
            return {
                path: FileRecord(digest=values.text(d), size=size, mtime_ns=ns)
                for path, d, size, ns in rows
            }

    def languages(self, paths: Iterable[str]) -> dict[str, str]:
        """Return the codes of the languages of those `paths` for which they are known.

        An empty one means that the language could not be detected.
        """
        rows = self._db.read(
            f"SELECT path, language FROM languages WHERE path IN {IN_LIST}", (json_list(paths),)
        )
        with self._db.decoding():
            return {values.text(path): values.text(language) for path, language in rows}

    def record_languages(self, languages: Mapping[str, str]) -> None:
        """Store the languages of what paths hold now, until they are read again."""
        with self._db.write() as db:
            db.executemany(
                "INSERT OR REPLACE INTO languages VALUES (CAST(? AS TEXT), ?)",
                [(encoded(path), language) for path, language in languages.items()],
            )

    def paths(self) -> list[str]:
        """Return every path that was read and not forgotten, in order."""
        rows = self._db.read("SELECT path FROM files WHERE current ORDER BY path")
        with self._db.decoding():
            return [values.text(path) for (path,) in rows]

    def record_files(self, files: Mapping[str, FileRecord], *, at: float) -> None:
        """Store what paths hold now; what they held before stays as their history."""
        with self._db.write() as db:
            numbers = self._db.intern(file.digest for file in files.values())
            db.executemany(
                "UPDATE files SET current = 0 WHERE path = CAST(? AS TEXT)",
                [(encoded(path),) for path in files],
            )
            db.executemany(
                "DELETE FROM languages WHERE path = CAST(? AS TEXT)",
                [(encoded(path),) for path in files],
            )
            db.executemany(
                "INSERT INTO files VALUES (CAST(? AS TEXT), ?, ?, ?, ?, 1) ON CONFLICT DO"
                " UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns,"
                " seen_at = excluded.seen_at, current = 1",
                [
                    (encoded(path), numbers[file.digest], file.size, file.mtime_ns, at)
                    for path, file in files.items()
                ],
            )

    def forget(self, paths: Iterable[str]) -> None:
        """Mark paths as gone; so are articles that no other path holds."""
        with self._db.write() as db:
            db.execute(f"UPDATE files SET current = 0 WHERE path IN {IN_LIST}", (json_list(paths),))

    def versions(self, path: str) -> list[tuple[str, float]]:
        """Return (article digest, time last seen) of all that `path` ever held, latest first."""
        rows = self._db.read(
            "SELECT n.name, f.seen_at FROM files f JOIN names n ON n.id = f.article"
            " WHERE f.path = CAST(? AS TEXT) ORDER BY f.current DESC, f.seen_at DESC",
            (encoded(path),),
        )
        with self._db.decoding():
            return [(values.text(digest), values.moment(seen)) for digest, seen in rows]
