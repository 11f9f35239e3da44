"""Runs the public clients of the Open Inference Protocol against a server, and prints one JSON line a check.

    judge.py HTTP_ADDRESS GRPC_ADDRESS

The server has the models that models.ts writes: identity models called by their datatype, `linear` in two versions and
`sums` with two inputs and two outputs.
"""

import asyncio
import json
import queue
import struct
import sys
import traceback

import grpc
import numpy as np
import requests
import tritonclient.grpc as triton_grpc
import tritonclient.grpc.aio as triton_grpc_aio
import tritonclient.http as triton_http
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from google.protobuf.descriptor_pool import DescriptorPool
from tritonclient.grpc import service_pb2, service_pb2_grpc
from tritonclient.utils import InferenceServerException

HTTP, GRPC = sys.argv[1:3]
URL = f"http://{HTTP}"
CHECKS = []

VALUES = {
    "BOOL": np.array([True, False, True]),
    "INT8": np.array([-128, 0, 127], np.int8),
    "INT16": np.array([-(2**15), 0, 2**15 - 1], np.int16),
    "INT32": np.array([-(2**31), 0, 2**31 - 1], np.int32),
    "INT64": np.array([-(2**63), 2**53 + 1, 2**63 - 1], np.int64),
    "UINT8": np.array([0, 1, 255], np.uint8),
    "UINT16": np.array([0, 1, 2**16 - 1], np.uint16),
    "UINT32": np.array([0, 1, 2**32 - 1], np.uint32),
    "UINT64": np.array([0, 2**53 + 1, 2**64 - 1], np.uint64),
    "FP16": np.array([0.5, -65504, np.inf], np.float16),
    "FP32": np.array([0.1, -3.4e38, np.inf, np.nan, 1e-45], np.float32),
    "FP64": np.array([0.1, 1.7976931348623157e308, -np.inf, np.nan, 5e-324], np.float64),
    "BYTES": np.array(["", "plain", "grüße 😀", "a\nb\"c\\"], object),
}


def check(name):
    def register(run):
        CHECKS.append((name, run))
        return run

    return register


def as_sent(values, datatype):
    """What a BYTES tensor holds once it has travelled in binary, or is to be compared: bytes."""
    if datatype != "BYTES":
        return values
    return np.array([v.encode() if isinstance(v, str) else v for v in values], object)


def same(actual, values, datatype):
    assert actual is not None, "there is no such output"
    expected, actual = as_sent(values, datatype), as_sent(actual, datatype)
    assert actual.dtype == expected.dtype, f"{actual.dtype} instead of {expected.dtype}"
    equal_nan = datatype.startswith("FP")
    assert np.array_equal(actual, expected, equal_nan=equal_nan), f"{actual!r} instead of {expected!r}"


def refused(call, *words, status=None):
    try:
        call()
    except InferenceServerException as error:
        text = str(error)
        assert status is None or status in (error.status() or ""), f"status {error.status()} instead of {status}"
        for word in words:
            assert word in text, f"{word!r} is not in {text!r}"
        return
    raise AssertionError("it was answered")


def http():
    return triton_http.InferenceServerClient(HTTP)


def rpc():
    return triton_grpc.InferenceServerClient(GRPC)


def http_input(name, values, datatype, binary=True):
    tensor = triton_http.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values, binary_data=binary)
    return tensor


def grpc_input(name, values, datatype):
    tensor = triton_grpc.InferInput(name, list(values.shape), datatype)
    tensor.set_data_from_numpy(values)
    return tensor


def row(count=1):
    return np.tile(np.array([1, 2, 3, 4], np.float32), (count, 1))


# What linear/1 answers for the row above: its weights are 0, 1/8, 2/8, 3/8, and 0.5 is added.
LINEAR = (1 * 0 + 2 * 1 + 3 * 2 + 4 * 3) / 8 + 0.5


def clients():
    yield "HTTP", http(), lambda name, values, datatype="FP32": http_input(name, values, datatype), triton_http
    yield "gRPC", rpc(), grpc_input_fp32, triton_grpc


def grpc_input_fp32(name, values, datatype="FP32"):
    return grpc_input(name, values, datatype)


for datatype, values in VALUES.items():

    @check(f"HTTP binary: {datatype} comes back as it went")
    def _(datatype=datatype, values=values):
        answer = http().infer(f"identity-{datatype.lower()}", [http_input("x", values, datatype)])
        same(answer.as_numpy("y"), values, datatype)

    if datatype != "FP16":

        @check(f"HTTP JSON: {datatype} comes back as it went")
        def _(datatype=datatype, values=values):
            # tritonclient prints NaN and infinities as Python does; other JSON parsers take them as well.
            given = http_input("x", values, datatype, binary=False)
            wanted = [triton_http.InferRequestedOutput("y", binary_data=False)]
            answer = http().infer(f"identity-{datatype.lower()}", [given], outputs=wanted)
            same(answer.as_numpy("y"), values, datatype)

        @check(f"HTTP JSON in, binary out, and the other way round: {datatype}")
        def _(datatype=datatype, values=values):
            for binary in (True, False):
                given = http_input("x", values, datatype, binary=not binary)
                wanted = [triton_http.InferRequestedOutput("y", binary_data=binary)]
                answer = http().infer(f"identity-{datatype.lower()}", [given], outputs=wanted)
                same(answer.as_numpy("y"), values, datatype)

        @check(f"gRPC typed contents: {datatype} comes back as it went")
        def _(datatype=datatype, values=values):
            field = {
                "BOOL": "bool", "BYTES": "bytes", "FP32": "fp32", "FP64": "fp64", "INT64": "int64", "UINT64": "uint64",
            }.get(datatype, "uint" if datatype.startswith("U") else "int")
            tensor = service_pb2.ModelInferRequest.InferInputTensor(
                name="x",
                datatype=datatype,
                shape=values.shape,
                contents={f"{field}_contents": as_sent(values, datatype).tolist()},
            )
            stub = service_pb2_grpc.GRPCInferenceServiceStub(grpc.insecure_channel(GRPC))
            request = service_pb2.ModelInferRequest(model_name=f"identity-{datatype.lower()}", inputs=[tensor])
            answer = stub.ModelInfer(request)
            assert len(answer.raw_output_contents) == 0, "typed contents were answered raw"
            (output,) = answer.outputs
            actual = np.array(list(getattr(output.contents, f"{field}_contents")), as_sent(values, datatype).dtype)
            same(actual, values, datatype)

    @check(f"gRPC raw: {datatype} comes back as it went")
    def _(datatype=datatype, values=values):
        answer = rpc().infer(f"identity-{datatype.lower()}", [grpc_input("x", values, datatype)])
        same(answer.as_numpy("y"), values, datatype)

    @check(f"an empty tensor of {datatype} comes back over HTTP and gRPC")
    def _(datatype=datatype, values=values):
        empty = values[:0]
        for answer in (
            http().infer(f"identity-{datatype.lower()}", [http_input("x", empty, datatype)]),
            rpc().infer(f"identity-{datatype.lower()}", [grpc_input("x", empty, datatype)]),
        ):
            (output,) = [o for o in [answer.get_output("y")] if o is not None]
            shape = output["shape"] if isinstance(output, dict) else list(output.shape)
            assert [int(d) for d in shape] == [0], f"shape {shape}"


@check("health: live, ready, and each model ready")
def _():
    for _name, client, _input, _module in clients():
        assert client.is_server_live() and client.is_server_ready()
        assert client.is_model_ready("linear") and client.is_model_ready("linear", "1")


@check("HTTP says no to the readiness of a model or version that does not exist")
def _():
    assert not http().is_model_ready("none") and not http().is_model_ready("linear", "9")


@check("gRPC refuses to tell of the readiness of a model that does not exist")
def _():
    refused(lambda: rpc().is_model_ready("none"), status="NOT_FOUND")


@check("server metadata names the server and its extensions")
def _():
    told = http().get_server_metadata()
    assert told["name"] == "gantry" and "binary_tensor_data" in told["extensions"], told
    asked = rpc().get_server_metadata(as_json=True)
    assert asked["name"] == told["name"] and asked["extensions"] == told["extensions"], asked


@check("model metadata names versions, datatypes and shapes")
def _():
    told = http().get_model_metadata("linear")
    assert told["versions"] == ["1", "2"] and told["inputs"] == [{"name": "x", "datatype": "FP32", "shape": [-1, 4]}], told
    asked = rpc().get_model_metadata("linear")
    assert list(asked.versions) == ["1", "2"] and list(asked.inputs[0].shape) == [-1, 4], asked


@check("model configuration is Triton's")
def _():
    told = http().get_model_config("linear")
    assert told["name"] == "linear" and told["input"][0]["data_type"] == "TYPE_FP32", told
    asked = rpc().get_model_config("linear", as_json=True)["config"]
    assert asked["input"][0]["dims"] == ["-1", "4"], asked


@check("statistics count what was asked")
def _():
    for _name, client, make, _module in clients():
        def count():
            stats = client.get_inference_statistics("sums")
            if not isinstance(stats, dict):
                return stats.model_stats[0].inference_stats.success.count
            return stats["model_stats"][0]["inference_stats"]["success"]["count"]

        before = count()
        client.infer("sums", [make("a", row()), make("b", row())])
        assert count() == before + 1, f"{before} became {count()}"


@check("the repository index lists every version")
def _():
    told = {(m["name"], m["version"]): m["state"] for m in http().get_model_repository_index()}
    asked = {(m.name, m.version): m.state for m in rpc().get_model_repository_index().models}
    assert told == asked and told[("linear", "2")] == "READY", told


@check("models are loaded and unloaded by request")
def _():
    for name, client, make, _module in clients():
        client.unload_model("sums")
        assert not client.is_model_ready("sums"), name
        client.load_model("sums")
        assert client.is_model_ready("sums"), name
        client.infer("sums", [make("a", row()), make("b", row())])
        try:
            client.load_model("no-such-model")
        except InferenceServerException as error:
            assert "no-such-model" in str(error), error
        else:
            raise AssertionError(f"{name}: a model that does not exist was loaded")


@check("one version is asked for, the newest by default, and the id comes back")
def _():
    for name, client, make, _module in clients():
        for version in ("1", "2", ""):
            answer = client.infer("linear", [make("x", row())], model_version=version, request_id="id-7")
            response = answer.get_response(as_json=True) if name == "gRPC" else answer.get_response()
            assert response["id"] == "id-7" and response["model_version"] == (version or "2"), response
        answer = client.infer("linear", [make("x", row(3))], model_version="1")
        assert np.allclose(answer.as_numpy("y"), np.full((3, 1), LINEAR))


@check("outputs are those asked for, in their order")
def _():
    for name, client, make, module in clients():
        inputs = [make("b", row()), make("a", row())]
        for wanted in (["copy"], ["copy", "sum"], ["sum", "copy"]):
            answer = client.infer("sums", inputs, outputs=[module.InferRequestedOutput(o) for o in wanted])
            response = answer.get_response(as_json=True) if name == "gRPC" else answer.get_response()
            assert [o["name"] for o in response["outputs"]] == wanted, response
            for output in wanted:
                assert np.array_equal(answer.as_numpy(output), row() * (2 if output == "sum" else 1))


@check("one output in binary and one in JSON")
def _():
    inputs = [http_input("a", row(), "FP32"), http_input("b", row(), "FP32", binary=False)]
    wanted = [
        triton_http.InferRequestedOutput("sum", binary_data=False),
        triton_http.InferRequestedOutput("copy", binary_data=True),
    ]
    answer = http().infer("sums", inputs, outputs=wanted)
    assert np.array_equal(answer.as_numpy("sum"), row() * 2) and np.array_equal(answer.as_numpy("copy"), row())


for algorithm in ("gzip", "deflate"):

    @check(f"{algorithm}: requests and answers over HTTP, requests over gRPC")
    def _(algorithm=algorithm):
        given = [http_input("x", row(2000), "FP32")]
        options = {"request_compression_algorithm": algorithm, "response_compression_algorithm": algorithm}
        answer = http().infer("linear", given, model_version="1", **options)
        assert np.allclose(answer.as_numpy("y"), LINEAR)
        answer = rpc().infer("linear", [grpc_input("x", row(2000), "FP32")], "1", compression_algorithm=algorithm)
        assert np.allclose(answer.as_numpy("y"), LINEAR)


@check("messages above gRPC's usual 4 MB")
def _():
    values = np.arange(2_000_000, dtype=np.float32)
    same(rpc().infer("identity-fp32", [grpc_input("x", values, "FP32")]).as_numpy("y"), values, "FP32")
    same(http().infer("identity-fp32", [http_input("x", values, "FP32")]).as_numpy("y"), values, "FP32")


@check("what is larger than the limit is refused, and the client goes on")
def _():
    values = np.zeros(9_000_000, np.float32)
    client = rpc()
    refused(lambda: client.infer("identity-fp32", [grpc_input("x", values, "FP32")]), status="RESOURCE_EXHAUSTED")
    assert client.is_server_live()
    client = http()
    refused(lambda: client.infer("identity-fp32", [http_input("x", values, "FP32")]), status="413")
    assert client.is_server_live()


@check("many requests at a time, each with its own answer")
def _():
    client = triton_http.InferenceServerClient(HTTP, concurrency=16)
    pending = [
        (i, client.async_infer("identity-int64", [http_input("x", np.array([i], np.int64), "INT64")])) for i in range(200)
    ]
    for i, answer in pending:
        same(answer.get_result().as_numpy("y"), np.array([i], np.int64), "INT64")
    answers = queue.Queue()
    calls = rpc()
    for i in range(200):
        calls.async_infer(
            "identity-int64",
            [grpc_input("x", np.array([i], np.int64), "INT64")],
            callback=lambda result, error, i=i: answers.put((i, result, error)),
        )
    for _ in range(200):
        i, result, error = answers.get(timeout=30)
        assert error is None, error
        same(result.as_numpy("y"), np.array([i], np.int64), "INT64")


@check("a gRPC stream answers in order, and goes on after an error")
def _():
    answers = queue.Queue()
    client = rpc()
    client.start_stream(callback=lambda result, error: answers.put((result, error)))
    for i in range(10):
        model = "none" if i == 5 else "identity-int64"
        client.async_stream_infer(model, [grpc_input("x", np.array([i], np.int64), "INT64")])
    for i in range(10):
        result, error = answers.get(timeout=30)
        assert (error is not None) == (i == 5), error
        if error is None:
            same(result.as_numpy("y"), np.array([i], np.int64), "INT64")
    client.stop_stream()


@check("asyncio's gRPC client")
def _():
    async def ask():
        async with triton_grpc_aio.InferenceServerClient(GRPC) as client:
            return await client.infer("linear", [grpc_input("x", row(), "FP32")], "1")

    assert np.allclose(asyncio.run(ask()).as_numpy("y"), LINEAR)


@check("parameters and a time limit are taken")
def _():
    for _name, client, make, _module in clients():
        answer = client.infer(
            "linear", [make("x", row())], "1", timeout=5_000_000, priority=1, parameters={"note": "x", "n": 3, "b": True}
        )
        assert np.allclose(answer.as_numpy("y"), LINEAR)


@check("gRPC deadlines: one that is long enough is met")
def _():
    rpc().infer("linear", [grpc_input("x", row(), "FP32")], client_timeout=20)


MISTAKES = {
    "an unknown model": ("none", "x", row(), "FP32", "", "404", "NOT_FOUND"),
    "an unknown version": ("linear", "x", row(), "FP32", "9", "404", "NOT_FOUND"),
    "an unknown input": ("linear", "z", row(), "FP32", "", "400", "INVALID_ARGUMENT"),
    "a wrong shape": ("linear", "x", np.zeros((1, 5), np.float32), "FP32", "", "400", "INVALID_ARGUMENT"),
    "a wrong rank": ("linear", "x", np.zeros(4, np.float32), "FP32", "", "400", "INVALID_ARGUMENT"),
    "a wrong datatype": ("linear", "x", np.zeros((1, 4), np.float64), "FP64", "", "400", "INVALID_ARGUMENT"),
}
for mistake, (model, name, values, datatype, version, http_status, grpc_status) in MISTAKES.items():

    @check(f"{mistake} is told as such")
    def _(m=model, n=name, v=values, d=datatype, version=version, hs=http_status, gs=grpc_status):
        refused(lambda: http().infer(m, [http_input(n, v, d)], version), status=hs)
        refused(lambda: rpc().infer(m, [grpc_input(n, v, d)], version), status=gs)


@check("an unknown output is told as such")
def _():
    for _name, client, make, module in clients():
        refused(
            lambda: client.infer("linear", [make("x", row())], outputs=[module.InferRequestedOutput("z")]),
            '"z"',
        )


@check("a missing input is told as such, and one given twice")
def _():
    for _name, client, make, _module in clients():
        refused(lambda: client.infer("sums", [make("a", row())]), '"b"')
        refused(lambda: client.infer("sums", [make("a", row())] * 2), "twice")


@check("bytes that are no UTF-8, and text with a NUL, are refused rather than altered")
def _():
    for value in (b"\xff\xfe", b"a\x00b"):
        values = np.array([value], object)
        refused(lambda: http().infer("identity-bytes", [http_input("x", values, "BYTES")]), status="400")
        refused(lambda: rpc().infer("identity-bytes", [grpc_input("x", values, "BYTES")]), status="INVALID_ARGUMENT")


@check("shared memory is refused")
def _():
    tensor = triton_http.InferInput("x", [1, 4], "FP32")
    tensor.set_shared_memory("region", 16)
    refused(lambda: http().infer("linear", [tensor]), status="400")
    tensor = triton_grpc.InferInput("x", [1, 4], "FP32")
    tensor.set_shared_memory("region", 16)
    refused(lambda: rpc().infer("linear", [tensor]), status="INVALID_ARGUMENT")


@check("the gRPC health service answers for the server and its service")
def _():
    stub = health_pb2_grpc.HealthStub(grpc.insecure_channel(GRPC))
    for service in ("", "inference.GRPCInferenceService"):
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, answer
    watch = stub.Watch(health_pb2.HealthCheckRequest(service="unknown"))
    assert next(watch).status == health_pb2.HealthCheckResponse.SERVICE_UNKNOWN
    watch.cancel()


@check("gRPC reflection describes the services as tritonclient knows them")
def _():
    database = ProtoReflectionDescriptorDatabase(grpc.insecure_channel(GRPC))
    services = set(database.get_services())
    assert {"inference.GRPCInferenceService", "grpc.health.v1.Health"} <= services, services
    pool = DescriptorPool(database)
    for name in ("ModelInferRequest", "ModelInferResponse", "InferTensorContents", "InferParameter"):
        ours = pool.FindMessageTypeByName(f"inference.{name}")
        theirs = service_pb2.DESCRIPTOR.message_types_by_name[name]
        fields = lambda message: {(f.name, f.number, f.type) for f in message.fields}
        assert fields(ours) == fields(theirs), fields(ours) ^ fields(theirs)


@check("plain HTTP: JSON without a content type, nested data, the answer's type exactly application/json")
def _():
    body = json.dumps({"id": "1", "inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 4], "data": row(2).tolist()}]})
    prepared = requests.Request("POST", f"{URL}/v2/models/linear/versions/1/infer", data=body.encode()).prepare()
    prepared.headers.pop("Content-Type", None)
    answer = requests.Session().send(prepared)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["outputs"][0]["data"] == [LINEAR, LINEAR], answer.text


@check("plain HTTP: raw bytes with a header length of 0")
def _():
    answer = requests.post(
        f"{URL}/v2/models/linear/versions/1/infer",
        data=row(2).tobytes(),
        headers={"Inference-Header-Content-Length": "0", "Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200, answer.text
    length = int(answer.headers["Inference-Header-Content-Length"])
    assert struct.unpack("<2f", answer.content[length:]) == (LINEAR, LINEAR)


@check("plain HTTP: V1, in rows and in columns")
def _():
    rows = requests.post(f"{URL}/v1/models/linear:predict", json={"instances": row(2).tolist()})
    assert len(rows.json()["predictions"]) == 2, rows.text
    columns = requests.post(f"{URL}/v1/models/linear:predict", json={"inputs": {"x": row(2).tolist()}})
    assert columns.status_code == 200 and "outputs" in columns.json(), columns.text


@check("plain HTTP: every error is JSON with the key that clients look for")
def _():
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/v2/models/none", 404),
        ("DELETE", "/v2/models/linear", 405),
        ("POST", "/v2/models/linear/infer", 400),
    ):
        answer = requests.request(method, URL + path)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code}"
        assert set(answer.json()) == {"error"}, answer.text


@check("plain HTTP: a keep-alive session and two hundred requests")
def _():
    session = requests.Session()
    for _ in range(200):
        assert session.get(f"{URL}/v2/health/ready").json()["ready"] is True


def main():
    for name, run in CHECKS:
        result = {"name": name}
        try:
            run()
        except Exception as error:  # whatever it is, it is the check's result
            place = traceback.extract_tb(error.__traceback__)[-1]
            result["failure"] = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})"
        print(json.dumps(result), flush=True)


main()
