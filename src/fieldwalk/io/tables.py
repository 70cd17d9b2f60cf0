"""Tables: comma-separated values with units, meanings and the provenance in comment lines at the top.

The header is astropy's ECSV, so ``astropy.table.Table.read`` recovers units and meanings, and other programs read the
values as ``pandas.read_csv(path, comment="#")`` does.
"""

from io import StringIO
from pathlib import Path

import xarray as xr
from astropy.io.ascii import InconsistentTableError
from astropy.table import Table

from fieldwalk.errors import DamagedFileError, DataError
from fieldwalk.io.datasets import write_text
from fieldwalk.io.provenance import Attributes

FORMAT = "ascii.ecsv"


def write_table(dataset: xr.Dataset, path: Path, attributes: Attributes) -> None:
    """Write a dataset as a table, completely or not at all, with one row for each point of its grid.

    Parameters
    ----------
    dataset : Dataset
        Every variable has ``units`` and ``long_name``, and all have the same dimensions.
    path : Path
    attributes : dict
        Global attributes of the file.

    Raises
    ------
    DataError
        When the file cannot be written.

    Examples
    --------
    >>> import xarray as xr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> described = {"units": "1", "long_name": "level"}
    >>> dataset = xr.Dataset({"power": ("eta", [0.5], described)}, {"eta": ("eta", [0.1], described)})
    >>> with TemporaryDirectory() as folder:
    ...     write_table(dataset, Path(folder) / "power.csv", {"author": "A. Author"})
    ...     (Path(folder) / "power.csv").read_text(encoding="utf-8").splitlines()[-2:]
    ['eta,power', '0.1,0.5']
    """
    table = Table.from_pandas(dataset.to_dataframe().reset_index())
    for name in table.colnames:
        described = dataset[name].attrs
        table[name].description = described["long_name"]
        table[name].unit = None if described["units"] == "1" else described["units"]
    table.meta.update(attributes)
    text = StringIO()
    table.write(text, format=FORMAT, delimiter=",")
    write_text(text.getvalue(), path)


def read_table(path: Path) -> Table:
    """Read a table with its units and meanings; its ``meta`` holds the global attributes.

    Raises
    ------
    DataError
        When there is no such file, or it was not written by :func:`write_table`; run the campaign that makes it.
    DamagedFileError
        When rows or columns are missing; move the file away and run the campaign again.

    Examples
    --------
    >>> import xarray as xr
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> described = {"units": "1", "long_name": "level"}
    >>> dataset = xr.Dataset({"power": ("eta", [0.5], described)}, {"eta": ("eta", [0.1], described)})
    >>> with TemporaryDirectory() as folder:
    ...     write_table(dataset, Path(folder) / "power.csv", {"author": "A. Author"})
    ...     table = read_table(Path(folder) / "power.csv")
    >>> table.meta["author"], float(table["power"][0])
    ('A. Author', 0.5)
    """
    if not path.is_file():
        raise DataError(f"{path}: no such table; run the campaign that makes it")
    text = path.read_text(encoding="utf-8", errors="replace")
    if not text.startswith("# %ECSV"):
        raise DataError(f"{path}: carries no record of its making; make it again with this version of Fieldwalk")
    try:
        return Table.read(text, format=FORMAT)
    except (InconsistentTableError, ValueError) as error:
        raise DamagedFileError(path, str(error).splitlines()[0]) from error
