/**
 * Kubernetes resource quantities ("500m", "4Gi", "1e3").
 * Source: k8s.io/apimachinery/pkg/api/resource, Quantity's grammar.
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+)?$/;

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The quantity as a number of base units (cores, bytes); undefined when it is not a quantity. */
export function parseQuantity(text: string | number): number | undefined {
  const match = QUANTITY.exec(String(text));
  if (match === null) return undefined;
  const value = Number(match[1]);
  const suffix = match[2];
  if (suffix === undefined) return value;
  const factor = FACTORS[suffix];
  return factor === undefined ? Number(`${match[1]}${suffix}`) : value * factor;
}
