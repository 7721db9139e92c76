"""Estimators as skops archives: the same bytes for the same estimator, and no unexpected type is loaded."""

import io
import re
import zipfile
import zlib
from typing import Any

import skops.io

from feedback_triage.errors import ModelError

_SCHEMA = "schema.json"
_TRUSTED_TYPES = [
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
]
"""Written by hand. Never take it from the file that is to be loaded: that would trust whatever is inside."""

# What readers of zip, JSON and skops raise on bytes that are not what they should be.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    RecursionError,
    RuntimeError,
    TypeError,
    ValueError,
)


def dumps(estimator: Any) -> bytes:
    """An archive that depends on the estimator alone.

    As skops writes it, an entry carries the time it was written, and objects are told apart by their addresses, which
    also name the members. Addresses become numbers in the order of their first appearance in the schema.
    """
    source, target = zipfile.ZipFile(io.BytesIO(skops.io.dumps(estimator))), io.BytesIO()
    schema = source.read(_SCHEMA).decode()
    found = re.findall(r'"__id__": (\d+)|"(\d+)\.npy"', schema)
    number = {old: str(new) for new, old in enumerate(dict.fromkeys(a or b for a, b in found), 1)}
    schema = re.sub(r'(?<="__id__": )\d+|(?<=")\d+(?=\.npy")', lambda match: number[match[0]], schema)
    contents = {
        re.sub(r"^\d+(?=\.npy$)", lambda match: number.get(match[0], match[0]), name): source.read(name)
        for name in source.namelist()
    } | {_SCHEMA: schema.encode()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(entry, contents[name])
    return target.getvalue()


def loads(content: bytes, name: str) -> Any:
    """The estimator of an archive.

    Args:
        content: as `dumps` gave it.
        name: of the classifier, for messages.

    Raises:
        ModelError: it is damaged or holds a type that is not expected.
    """
    try:
        unexpected = set(skops.io.get_untrusted_types(data=content)) - set(_TRUSTED_TYPES)
        if unexpected:
            raise ModelError(f"classifier {name} holds types that are not trusted: {', '.join(sorted(unexpected))}")
        return skops.io.loads(content, trusted=_TRUSTED_TYPES)
    except _DAMAGE:
        raise ModelError(f"classifier {name} is damaged; run: make train") from None
