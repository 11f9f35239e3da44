"""Asks a model over the Open Inference Protocol with NVIDIA's public client, first over HTTP and then over gRPC.

    pip install 'tritonclient[http,grpc]'
    python predict.py localhost:8080 localhost:9000
"""

import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http

MODEL = "volatility"


def predict(client, module, rows):
    """One prediction a row. `module` is the client's own: tritonclient.http or tritonclient.grpc."""
    metadata = client.get_model_metadata(MODEL)
    named = metadata["inputs"][0]["name"] if isinstance(metadata, dict) else metadata.inputs[0].name
    tensor = module.InferInput(named, list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows)
    answer = client.infer(MODEL, [tensor], request_id="example-1")
    return answer.as_numpy("volatility").ravel()


def main(http_address, grpc_address):
    rows = np.linspace(0, 20, 32, dtype=np.float32).reshape(2, 16)
    with tritonclient.http.InferenceServerClient(http_address) as client:
        print("HTTP", predict(client, tritonclient.http, rows))
    with tritonclient.grpc.InferenceServerClient(grpc_address) as client:
        print("gRPC", predict(client, tritonclient.grpc, rows))


if __name__ == "__main__":
    main(*sys.argv[1:3])
