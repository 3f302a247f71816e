"""The forecasts of one shop, a line of JSON each, only ever added to."""

from os import SEEK_END
from pathlib import Path

from pydantic import ValidationError

from pdd_audit.core.kept_forecasts import KeptForecast

NAME = "forecasts.jsonl"
MOST_BYTES = 1024 * 1024  # some thousand evenings; older ones are past being held against anything


class Forecasts:
    """Kept in the shop's own ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def read(self) -> list[KeptForecast]:
        """The latest, in the order they were kept. A damaged line is no forecast; the others stand."""
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, SEEK_END) - MOST_BYTES))
                lines = file.read(MOST_BYTES).splitlines()
        except OSError:
            return []
        return [found for line in lines if line and (found := _read(line)) is not None]

    def stored(self) -> list[Path]:
        """Where they lie; nothing before the first."""
        return [self._path] if self._path.is_file() else []

    def add(self, forecast: KeptForecast) -> None:
        """Raises OSError where nothing can be written."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{forecast.model_dump_json()}")  # a line cut off by a crash takes no later one with it


def _read(line: bytes) -> KeptForecast | None:
    try:
        return KeptForecast.model_validate_json(line)
    except ValidationError:
        return None
