/** Whether a request is one for this model. Every check refuses with the place and what the model expects. */
import { travelsInJson } from './datatype.js';
import { refuse } from './refusal.js';
import { elementCount, formatShape, isEmptyClaim, shapeMatches } from './shape.js';
import type { Datatype, ModelSignature, TensorSignature } from './tensor.js';

/** What the model declares of the input called `name`. */
export function declaredInput(signature: ModelSignature, name: string, place: string): TensorSignature {
  const declared = signature.inputs.find((input) => input.name === name);
  if (declared === undefined) {
    refuse(`the model has no input "${name}"; it has ${names(signature.inputs)}`, `${place}.name`);
  }
  return declared;
}

/** Each string is an object here and in onnxruntime, where it costs microseconds: this many stop a thread for a second. */
const MAX_STRINGS = 2 ** 19;

/** Refuses another datatype, rank or dimension than the model declares. */
export function checkInput(
  declared: TensorSignature,
  datatype: Datatype,
  shape: readonly number[],
  place: string,
): void {
  if (datatype !== declared.datatype) {
    refuse(
      `the datatype of "${declared.name}" is ${declared.datatype}, not ${datatype}`,
      `${place}.datatype`,
    );
  }
  checkShape(declared, shape, `${place}.shape`);
  const strings = datatype === 'BYTES' ? (elementCount(shape) ?? Infinity) : 0;
  if (strings > MAX_STRINGS)
    refuse(
      `a BYTES tensor may have ${MAX_STRINGS} elements, not ${strings}: send fewer at a time`,
      `${place}.shape`,
    );
}

/** Refuses another rank or dimension than the model declares. */
export function checkShape(declared: TensorSignature, shape: readonly number[], place: string): void {
  if (isEmptyClaim(shape)) refuse(`an empty tensor cannot have the shape ${formatShape(shape)}`, place);
  if (shapeMatches(shape, declared.shape)) return;
  const hint = declared.shape.includes(-1) ? ' (-1 stands for any size)' : '';
  refuse(
    `the shape of "${declared.name}" is ${formatShape(declared.shape)}, not ${formatShape(shape)}${hint}`,
    place,
  );
}

/** Refuses inputs given twice and inputs left out; each is known to be one of the model's. */
export function checkInputNames(
  signature: ModelSignature,
  given: readonly { readonly name: string }[],
): void {
  for (let index = 1; index < given.length; index++) {
    const name = given[index]?.name;
    if (given.findIndex((other) => other.name === name) !== index) {
      refuse(`the input "${name}" is given twice`, `inputs[${index}].name`);
    }
  }
  // As many as the model has, all of them known and none twice: none is missing.
  if (given.length === signature.inputs.length) return;
  const missing = signature.inputs.filter((input) => !given.some(({ name }) => name === input.name));
  if (missing.length > 0) refuse(`the model also needs the input ${names(missing)}`, 'inputs');
}

/** Refuses outputs the model does not have, and outputs asked for twice. */
export function checkOutputNames(
  signature: ModelSignature,
  wanted: readonly { readonly name: string }[],
): void {
  wanted.forEach(({ name }, index) => {
    if (!signature.outputs.some((output) => output.name === name)) {
      refuse(
        `the model has no output "${name}"; it has ${names(signature.outputs)}`,
        `outputs[${index}].name`,
      );
    }
    if (wanted.findIndex((other) => other.name === name) !== index) {
      refuse(`the output "${name}" is asked for twice`, `outputs[${index}].name`);
    }
  });
}

/** Refuses outputs that would have to travel in JSON and have no JSON form: better before the model runs than after. */
export function checkJsonOutputs(
  signature: ModelSignature,
  inJson: readonly { readonly name: string }[],
): void {
  for (const { name, datatype } of signature.outputs) {
    if (!travelsInJson(datatype) && inJson.some((output) => output.name === name)) {
      refuse(
        `the output "${name}" is ${datatype}, which does not travel in JSON: ask for it in binary`,
        'outputs',
      );
    }
  }
}

function names(tensors: readonly TensorSignature[]): string {
  return tensors.map(({ name }) => `"${name}"`).join(', ');
}
