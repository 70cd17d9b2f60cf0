"""Files are written beside their final path and renamed when complete, so that no incomplete file is ever seen."""

import errno
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fieldwalk.errors import DataError


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Give a ``.part`` path to write to; on success flush it to disk and rename it to ``path``, otherwise remove it.

    Missing folders are made.

    Raises
    ------
    DataError
        When the folder cannot be written to or the disk is full; ``path`` is then unchanged. The message names the
        remedy.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "numbers.txt"
    ...     with written_whole(path) as part:
    ...         size = part.write_text("1 2 3")
    ...         there_before = path.exists()
    ...     there_before, path.read_text()
    (False, '1 2 3')
    """
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A killed job leaves its part behind. If that job is still running unnoticed, it now fails instead of competing
        # with this one.
        for stale in path.parent.glob(f"{glob.escape(path.name)}.*.part"):
            stale.unlink(missing_ok=True)
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    except BaseException as error:
        # removing the part may fail for the same reason; the first error is the one to report
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise explained(error, path) from error
        raise


def set_aside(path: Path) -> Path | None:
    """Rename a damaged file to ``<name>.damaged``, so that it is made again.

    Returns
    -------
    Path or None
        The new path; None when the file cannot be renamed.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "shard.h5"
    ...     size = path.write_bytes(b"damaged")
    ...     set_aside(path).name, path.exists()
    ('shard.h5.damaged', False)
    >>> set_aside(Path("no_such_file.h5")) is None
    True
    """
    aside = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(aside)
    except OSError:
        return None
    return aside


def require_space(path: Path, size: int) -> None:
    """Check, before an expensive computation, that the disk of ``path`` has ``size`` bytes free.

    Raises
    ------
    DataError
        When it has not, or when the folder cannot be examined; free some space or choose another folder.

    Examples
    --------
    >>> require_space(Path("results.nc"), 0)
    >>> require_space(Path("results.nc"), 10**21)
    Traceback (most recent call last):
        ...
    fieldwalk.errors.DataError: results.nc: needs ... MB but the disk has ... MB free; free some space ...
    """
    try:
        nearest = next(place for place in path.absolute().parents if place.exists())
        if not nearest.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(nearest))
        free = shutil.disk_usage(nearest).free
    except OSError as error:
        raise explained(error, path) from error
    if free < size:
        raise DataError(
            f"{path}: needs {size / 1e6:.1f} MB but the disk has {free / 1e6:.1f} MB free;"
            " free some space (or choose another --results) and run again, finished work is kept"
        )


def explained(error: OSError, path: Path) -> DataError:
    """Return a DataError that describes an operating system's error in words, with the remedy.

    Examples
    --------
    >>> str(explained(OSError(errno.ENOSPC, "No space left on device"), Path("running.nc"))).split(";")[0]
    'running.nc: the disk is full'
    """
    text = str(error)
    if error.errno == errno.ENOSPC or "No space left" in text:
        return DataError(
            f"{path}: the disk is full; free some space (or choose another --results) and run again,"
            " finished work is kept"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DataError(
            f"{path}: no permission to write here ({error.strerror}); choose another --results or change its rights"
        )
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return DataError(f"{path}: a file stands where a folder is needed; move it away or choose another --results")
    return DataError(f"{path}: cannot be written: {text}")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
