"""Handwritten digits, 8x8 grey images shipped by scikit-learn: a small image classifier.  Usage: python digits.py"""

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

import registry

CARD = """# digits {version}

Recognises a handwritten digit in an 8x8 grey image.

- **Kind**: multi-layer perceptron, 64-48-10
- **Input**: `image`, FP32 [N, 64], grey values 0 (white) to 16 (black), row by row
- **Outputs**: `label`, INT64 [N]; `probabilities`, FP32 [N, 10]
- **Data**: scikit-learn's digits (1,797 images, a copy of the UCI test set); a quarter held out
- **Accuracy on {n} unseen images**: {accuracy}
- **Trained by**: `models/training/digits.py`
"""


def main():
    images, labels = load_digits(return_X_y=True)
    xt, xv, yt, yv = train_test_split(images.astype(np.float32), labels, test_size=0.25, random_state=7, stratify=labels)
    model = make_pipeline(MinMaxScaler(), MLPClassifier((48,), max_iter=400, random_state=7)).fit(xt, yt)
    accuracy = round(float(model.score(xv, yv)), 4)
    graph = to_onnx(
        model,
        initial_types=[("image", FloatTensorType([None, 64]))],
        options={id(model): {"zipmap": False, "output_class_labels": False}},
        target_opset=17,
    )
    for output, name in zip(graph.graph.output, ("label", "probabilities")):
        for node in graph.graph.node:
            for index, value in enumerate(node.output):
                if value == output.name:
                    node.output[index] = name
            for index, value in enumerate(node.input):
                if value == output.name:
                    node.input[index] = name
        output.name = name
    provenance = {
        "script": "models/training/digits.py",
        "data": "sklearn.datasets.load_digits",
        "kind": "MLPClassifier 64-48-10 on min-max scaled pixels",
        "scores": {"accuracy": accuracy, "images": int(len(yv))},
    }
    registry.write("production", "digits", "1", graph, {"image": xv[:5]}, provenance, CARD.format(version="1", n=len(yv), accuracy=accuracy))


if __name__ == "__main__":
    main()
