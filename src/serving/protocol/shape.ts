/** Shapes: lists of dimensions, outermost first (row-major). */

/** Deeper shapes than any operator of ONNX takes are a mistake or an attack. */
export const MAX_RANK = 32;

/** The number of elements; undefined when it is beyond what a JavaScript number counts exactly. A scalar has one. */
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const dimension of shape) {
    if (dimension === 0) return 0;
    count *= dimension;
  }
  return Number.isSafeInteger(count) ? count : undefined;
}

/** An empty tensor may not claim more than this in its other dimensions: models answer with rows for them. */
const MAX_CLAIM = 2 ** 20;

/** Whether a shape without elements claims a size in its other dimensions that no bytes stand for: `[10^15, 0]`. */
export function isEmptyClaim(shape: readonly number[]): boolean {
  if (!shape.includes(0)) return false;
  return shape.reduce((product, dimension) => product * Math.max(dimension, 1), 1) > MAX_CLAIM;
}

/** As it stands in JSON: `[1,16]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(',')}]`;
}

/** Whether `shape` is one that `declared` allows; -1 there stands for any size. */
export function shapeMatches(shape: readonly number[], declared: readonly number[]): boolean {
  return (
    shape.length === declared.length &&
    declared.every((dimension, axis) => dimension === -1 || dimension === shape[axis])
  );
}
