/**
 * Decimal digits to the nearest double. Clinger's exact case first ("How to Read Floating Point Numbers Accurately",
 * 1990); past 2^53 the product is carried in two doubles (Dekker, 1971) and taken only when its error cannot change
 * the rounding. What neither decides is left to the engine.
 */

const MAX_EXACT = 22;
const MAX_POWER = 60;
const TWO_53 = 9007199254740992;
const SPLITTER = 134217729; // 2^27 + 1
/** Relative error of the two-double product, with room to spare (it is below 2^-100). */
const PRODUCT_ERROR = 2 ** -96;

/** 10^k and what rounding took from it, for k from -60 to 60. */
const { powers: POWER, rests: POWER_REST } = powersOfTen();
/** 10^k, as far as doubles hold it exactly. */
export const EXACT_POWERS = Float64Array.from({ length: MAX_EXACT + 1 }, (_, k) => Number(`1e${k}`));

/** The double that `decimalToDouble` found: one that it returned would be an object on the heap. */
export const nearest = new Float64Array(1);

/**
 * Finds the double nearest to `(high * 10^lowDigits + low) * 10^exponent`, where high has at most 15 digits and low at
 * most nine; false when these means cannot tell.
 */
export function decimalToDouble(high: number, low: number, lowDigits: number, exponent: number): boolean {
  const scale = EXACT_POWERS[lowDigits] as number;
  const mantissa = high * scale + low;
  if (mantissa < TWO_53 && exponent >= -MAX_EXACT && exponent <= MAX_EXACT) {
    const power = EXACT_POWERS[Math.abs(exponent)] as number;
    nearest[0] = exponent < 0 ? mantissa / power : mantissa * power;
    return true;
  }
  if (mantissa === 0) {
    nearest[0] = 0;
    return true;
  }
  if (exponent < -MAX_POWER || exponent > MAX_POWER) return false;
  return roundProduct(high, scale, low, exponent + MAX_POWER);
}

/** (high * scale + low) * 10^(power - 60) in two doubles, rounded; false when the error could change the rounding. */
function roundProduct(high: number, scale: number, low: number, power: number): boolean {
  const whole = high * scale;
  // low is below scale, and so below whole: the sum of both and its rest are exact.
  const mantissa = whole + low;
  const mantissaRest = productRest(high, scale, whole) + (low - (mantissa - whole));
  const ten = POWER[power] as number;
  const product = mantissa * ten;
  const rest =
    productRest(mantissa, ten, product) + (mantissa * (POWER_REST[power] as number) + mantissaRest * ten);
  const error = product * PRODUCT_ERROR;
  const value = product + (rest - error);
  nearest[0] = value;
  return value === product + (rest + error);
}

/** What rounding took from `a * b` (Dekker's product; doubles far from overflow). */
function productRest(a: number, b: number, product: number): number {
  const aBig = a * SPLITTER;
  const aHigh = aBig - (aBig - a);
  const aLow = a - aHigh;
  const bBig = b * SPLITTER;
  const bHigh = bBig - (bBig - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

function powersOfTen(): { readonly powers: Float64Array; readonly rests: Float64Array } {
  const powers = new Float64Array(2 * MAX_POWER + 1);
  const rests = new Float64Array(2 * MAX_POWER + 1);
  for (let k = -MAX_POWER; k <= MAX_POWER; k++) {
    const power = Number(`1e${k}`);
    powers[k + MAX_POWER] = power;
    rests[k + MAX_POWER] = k < 0 ? restOfNegativePower(-k, power) : Number(10n ** BigInt(k) - BigInt(power));
  }
  return { powers, rests };
}

/** 10^-k - power, to double precision: both scaled by 2^400, where the power is a whole number. */
function restOfNegativePower(k: number, power: number): number {
  const scaled = (1n << 400n) / 10n ** BigInt(k);
  const rounded = BigInt(power * 2 ** 400);
  return Number(scaled - rounded) / 2 ** 400;
}
