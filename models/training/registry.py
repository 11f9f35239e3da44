"""Writes a trained model as Gantry's registry keeps it: STAGE/NAME/VERSION/{model.onnx,model.json,card.md}."""

import hashlib
import importlib.metadata
import json
from pathlib import Path

import numpy as np
import onnxruntime

MODELS = Path(__file__).resolve().parent.parent
DATATYPES = {"tensor(float)": "FP32", "tensor(int64)": "INT64", "tensor(double)": "FP64"}


def _tensor_signature(node):
    shape = [d if isinstance(d, int) else -1 for d in node.shape]
    return {"name": node.name, "datatype": DATATYPES[node.type], "shape": shape}


def _tensor(signature, array):
    return {
        "name": signature["name"],
        "datatype": signature["datatype"],
        "shape": list(array.shape),
        # Python prints a float32 held as a double with its noise; nine digits are enough to read it back exactly.
        "data": [float(f"{v:.9g}") if array.dtype.kind == "f" else int(v) for v in array.ravel()],
    }


def write(stage, name, version, model, examples, provenance, card):
    """`examples` maps the input's name to an array whose rows are replayed one by one as golden examples."""
    folder = MODELS / stage / name / version
    folder.mkdir(parents=True, exist_ok=True)
    content = model.SerializeToString(deterministic=True)
    (folder / "model.onnx").write_bytes(content)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    inputs = [_tensor_signature(node) for node in session.get_inputs()]
    outputs = [_tensor_signature(node) for node in session.get_outputs()]
    golden = []
    for row in range(len(next(iter(examples.values())))):
        feed = {key: value[row : row + 1] for key, value in examples.items()}
        answer = session.run(None, feed)
        golden.append(
            {
                "inputs": [_tensor(s, feed[s["name"]]) for s in inputs],
                "outputs": [_tensor(s, np.asarray(a)) for s, a in zip(outputs, answer)],
            }
        )
    metadata = {
        "name": name,
        "version": version,
        "digest": "sha256:" + hashlib.sha256(content).hexdigest(),
        "signature": {"inputs": inputs, "outputs": outputs},
        "provenance": {
            **provenance,
            "packages": {p: importlib.metadata.version(p) for p in ("scikit-learn", "skl2onnx", "onnx", "numpy")},
        },
        "golden": {"tolerance": {"absolute": 1e-5, "relative": 1e-4}, "examples": golden},
    }
    (folder / "model.json").write_text(json.dumps(metadata, indent=1) + "\n")
    (folder / "card.md").write_text(card)
    print(f"{folder.relative_to(MODELS)}: {len(content)} bytes, {metadata['digest']}")
