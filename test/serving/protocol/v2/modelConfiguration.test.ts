import { modelConfiguration } from '../../../../src/serving/protocol/v2/modelConfiguration.js';

test('a model’s configuration has the names and whole shapes that Triton’s tools read', () => {
  const configuration = modelConfiguration('m', {
    inputs: [
      { name: 'x', datatype: 'FP32', shape: [-1, 16] },
      { name: 's', datatype: 'BYTES', shape: [-1] },
    ],
    outputs: [{ name: 'y', datatype: 'INT64', shape: [-1] }],
  });
  expect(configuration).toEqual({
    name: 'm',
    platform: 'onnxruntime_onnx',
    backend: 'onnxruntime',
    max_batch_size: 0,
    input: [
      { name: 'x', data_type: 'TYPE_FP32', dims: [-1, 16] },
      { name: 's', data_type: 'TYPE_STRING', dims: [-1] },
    ],
    output: [{ name: 'y', data_type: 'TYPE_INT64', dims: [-1] }],
  });
});
