"""What a team plans by hand in Python: FastAPI with pydantic models over onnxruntime, on uvicorn with uvloop and httptools.

usage: python server.py MODEL.onnx PORT
"""

import json
import socket
import sys

import numpy
import onnxruntime
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class InputTensor(BaseModel):
    name: str
    datatype: str
    shape: list[int]
    data: list[float]


class InferenceRequest(BaseModel):
    id: str | None = None
    inputs: list[InputTensor]


class OutputTensor(BaseModel):
    name: str
    datatype: str
    shape: list[int]
    data: list[float]


class InferenceResponse(BaseModel):
    id: str | None = None
    model_name: str
    model_version: str
    outputs: list[OutputTensor]


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
input_name = session.get_inputs()[0].name
output_name = session.get_outputs()[0].name
app = FastAPI()


@app.get("/v2/health/live")
async def live() -> dict[str, bool]:
    return {"live": True}


@app.post("/v2/models/{name}/infer")
async def infer(name: str, request: InferenceRequest) -> InferenceResponse:
    tensor = request.inputs[0]
    data = numpy.array(tensor.data, dtype=numpy.float32).reshape(tensor.shape)
    (output,) = session.run([output_name], {input_name: data})
    answer = OutputTensor(
        name=output_name, datatype="FP32", shape=list(output.shape), data=output.ravel().tolist()
    )
    return InferenceResponse(id=request.id, model_name=name, model_version="1", outputs=[answer])


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int(sys.argv[2])))
listener.listen(1024)
print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
uvicorn.Server(config).run(sockets=[listener])
