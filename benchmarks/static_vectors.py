"""Make the table of the fast model: a vector for every token of the standard model's tokenizer.

    pip download --no-deps wordllama==0.4.0.post1 && unzip wordllama-*.whl -d FOLDER
    python benchmarks/static_vectors.py FOLDER

Each token gets the sum of the WordLlama vectors (l2_supercat_256, MIT licence) of its text, so that
a text's mean points where WordLlama's does, without a second tokenizer; one byte a number, each row
at its own scale. Writes static_vectors.npz of classifier/scorers/embedded and prints its sha256,
which model_files.py expects. The package's files are read, its code is not run.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from classifier.scorers.embedded import model_files

WEIGHTS = "wordllama/weights/l2_supercat_256.safetensors"
TOKENIZER = "wordllama/tokenizers/l2_supercat_tokenizer_config.json"
SHA256 = {
    WEIGHTS: "64b47a2dc493cb8e85944076601189739852d7b64e0e1eedcb1937a251cd9fd5",
    TOKENIZER: "93248f2a9ec36c7b35f700a033d5f36228aae48db61aee31007fa49062cdeb68",
}
BEFORE = "."  # a token that continues a word is looked up behind this, whose vector is taken away


def read_rows(data: bytes) -> np.ndarray:
    """Return the only tensor of a safetensors file."""
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    (tensor,) = (entry for name, entry in header.items() if name != "__metadata__")
    start, end = tensor["data_offsets"]
    kind = {"F16": "<f2", "F32": "<f4"}[tensor["dtype"]]
    rows = np.frombuffer(data[8 + size :][start:end], kind)
    return rows.reshape(tensor["shape"]).astype(np.float32)


def convert(rows: np.ndarray, theirs: Tokenizer, ours: Tokenizer) -> np.ndarray:
    """Return a row for each of our tokens; zeros for the special ones."""

    def summed(text: str) -> np.ndarray:
        ids = theirs.encode(text, add_special_tokens=False).ids
        return np.asarray(rows[ids].sum(axis=0))

    table = np.zeros((ours.get_vocab_size(), rows.shape[1]), np.float32)
    before = summed(BEFORE)
    for token, i in ours.get_vocab().items():
        if token.startswith("##"):
            table[i] = summed(BEFORE + token[2:]) - before
        elif not (token.startswith("[") and token.endswith("]")):
            table[i] = summed(token)
    return table


def write(table: np.ndarray, path: Path) -> str:
    """Write a table, the same bytes every time; return its sha256."""
    scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), 1e-6) / 127
    arrays = {
        "rows": np.round(table / scales).astype(np.int8),
        "scales": scales.astype(np.float32),
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            data = io.BytesIO()
            np.save(data, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), data.getvalue(), zipfile.ZIP_DEFLATED)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the unpacked wheel")
    folder = parser.parse_args().folder
    for name, expected in SHA256.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            parser.error(f"{folder / name} has sha256 {found}, not {expected}")
    theirs = Tokenizer.from_file(str(folder / TOKENIZER))
    theirs.no_truncation()
    theirs.no_padding()
    ours = Tokenizer.from_file(str(model_files.ModelFiles.find().tokenizer))
    table = convert(read_rows((folder / WEIGHTS).read_bytes()), theirs, ours)
    path = Path(model_files.__file__).with_name("static_vectors.npz")
    print(f"{path.name}: {write(table, path)}")


if __name__ == "__main__":
    main()
