/** A small validator for JSON: each reader either returns a value of its type or says which field is wrong. */

export class ShapeError extends Error {
  constructor(
    readonly field: string,
    readonly expected: string,
    readonly got: unknown,
  ) {
    super(`${field}: expected ${expected}, got ${describe(got)}`);
  }
}

export type Read<T> = (value: unknown, field: string) => T;

type Shape = Readonly<Record<string, Read<unknown>>>;
type Optional<S extends Shape> = { [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never }[keyof S];
type Of<S extends Shape> = { readonly [K in Exclude<keyof S, Optional<S>>]: ReturnType<S[K]> } & { readonly [K in Optional<S>]?: Exclude<ReturnType<S[K]>, undefined> };

/** Fields that the shape does not name are left out: newer packs may say more. */
export function object<S extends Shape>(shape: S): Read<Of<S>> {
  return (value, field) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new ShapeError(field || "the file", "an object", value);
    const given = value as Record<string, unknown>;
    const entries = Object.entries(shape).map(([key, read]) => [key, read(given[key], field === "" ? key : `${field}.${key}`)]);
    return Object.fromEntries(entries.filter(([, each]) => each !== undefined)) as Of<S>;
  };
}

export function array<T>(read: Read<T>, length?: number): Read<readonly T[]> {
  return (value, field) => {
    const expected = length === undefined ? "a list" : `a list of ${length}`;
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) throw new ShapeError(field, expected, value);
    return value.map((each: unknown, i) => read(each, `${field}[${i}]`));
  };
}

export function oneOf<const T extends string | number>(...allowed: readonly T[]): Read<T> {
  return (value, field) => {
    if (allowed.includes(value as T)) return value as T;
    throw new ShapeError(field, allowed.map((each) => JSON.stringify(each)).join(" or "), value);
  };
}

/** A field that may be absent, and then is. */
export function maybe<T>(read: Read<T>): Read<T | undefined> {
  return (value, field) => (value === undefined ? undefined : read(value, field));
}

/** A field that may be absent, and what holds then. */
export function optional<T>(read: Read<T>, absent: T): Read<T> {
  return (value, field) => (value === undefined ? absent : read(value, field));
}

/** Any object, as it is. */
export const record: Read<Readonly<Record<string, unknown>>> = (value, field) => {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new ShapeError(field, "an object", value);
};

export const text: Read<string> = (value, field) => {
  if (typeof value === "string" && value !== "") return value;
  throw new ShapeError(field, "a text that is not empty", value);
};

/** Like `text`, but may be empty. */
export const anyText: Read<string> = (value, field) => {
  if (typeof value === "string") return value;
  throw new ShapeError(field, "a text", value);
};

export const flag: Read<boolean> = (value, field) => {
  if (typeof value === "boolean") return value;
  throw new ShapeError(field, "true or false", value);
};

export const real: Read<number> = (value, field) => {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ShapeError(field, "a number", value);
};

/** 0 to 1. */
export const fraction: Read<number> = (value, field) => {
  const number = real(value, field);
  if (number < 0 || number > 1) throw new ShapeError(field, "a number from 0 to 1", value);
  return number;
};

export const positive: Read<number> = (value, field) => {
  if (real(value, field) > 0) return value as number;
  throw new ShapeError(field, "a number above 0", value);
};

export const integer =
  (least: number, most = Number.MAX_SAFE_INTEGER): Read<number> =>
  (value, field) => {
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return value as number;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
    throw new ShapeError(field, `a whole number, ${range}`, value);
  };

export const sha256: Read<string> = (value, field) => {
  if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
  throw new ShapeError(field, "64 lower-case hexadecimal digits", value);
};

/** A path inside the pack: no way out of it, the same on every system. */
export const packPath: Read<string> = (value, field) => {
  const parts = typeof value === "string" ? value.split("/") : [];
  const good = parts.length > 0 && parts.every((part) => /^[\w.+ -]+$/.test(part) && part !== "." && part !== "..");
  if (good) return value as string;
  throw new ShapeError(field, 'a path inside the pack, such as "vision.onnx"', value);
};

function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const written = JSON.stringify(value) ?? typeof value;
  return written.length > 60 ? `${written.slice(0, 57)}...` : written;
}
