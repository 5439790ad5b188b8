/**
 * Runtime guards whose TypeScript type is inferred from them, so that the type, the check at the
 * boundary and the printed documentation are one thing. Checking never changes a value, and keys
 * that a schema does not name are let through: an older reader tolerates a newer writer.
 */
import { VqaError } from "../engine/errors.js";

export interface Schema<T> {
  /** The type in TypeScript notation, for the documentation. */
  readonly text: string;
  /** Named schemas that `text` mentions, for the documentation. */
  readonly uses: readonly NamedSchema[];
  /** What is wrong with the value, naming the path to the wrong part; undefined when it fits. */
  problem(value: unknown, path: string): string | undefined;
  /** The same value with the words of the program in another language. Absent where no such words can stand. */
  readonly said?: Translate | undefined;
  /** Never present: carries the type. */
  readonly type?: T;
}

/** From English; what it does not know it gives back as it is. */
export type Say = (english: string) => string;

/** Changes nothing in place, and gives the value itself where there is nothing to say. The value fits the schema. */
type Translate = (value: unknown, say: Say) => unknown;

export interface NamedSchema extends Schema<unknown> {
  readonly name: string;
  /** The schema behind the name. */
  readonly body: Schema<unknown>;
}

export interface OptionalField<T> {
  readonly optional: Schema<T>;
}

type Field = Schema<unknown> | OptionalField<unknown>;

/** Exactly the fields of T, so that an optional field that T gains is not forgotten in its guard. */
export type FieldsOf<T> = Readonly<Record<keyof T, Field>>;

type OptionalKeys<F> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];
type Simplify<T> = { readonly [K in keyof T]: T[K] };

export type TypeOf<S> = S extends Schema<infer T> ? T : S extends OptionalField<infer T> ? T : never;
type ObjectOf<F> = Simplify<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]> } & { [K in OptionalKeys<F>]?: TypeOf<F[K]> }
>;

export function is<T>(schema: Schema<T>, value: unknown): value is T {
  return schema.problem(value, "") === undefined;
}

/** The value as the schema's type. Error: invalid-request, naming what is wrong in `where`. */
export function decode<T>(schema: Schema<T>, value: unknown, where: string): T {
  const problem = schema.problem(value, "");
  if (problem === undefined) return value as T;
  throw new VqaError("invalid-request", `${where}: ${problem}`, "Send the message as the protocol document describes it.", {
    data: { where },
  });
}

/** A value that fits, with the words of the program that the schema knows in it said anew. */
export function inWords<T>(schema: Schema<T>, value: T, say: Say): T {
  return schema.said === undefined ? value : (schema.said(value, say) as T);
}

const at = (path: string): string => (path === "" ? "the value" : `"${path}"`);

function leaf<T>(text: string, expected: string, fits: (value: unknown) => boolean): Schema<T> {
  return { text, uses: [], problem: (value, path) => (fits(value) ? undefined : `${at(path)} must be ${expected}`) };
}

export const string = leaf<string>("string", "a string", (v) => typeof v === "string");
export const text = leaf<string>("string /* not blank */", "a string that is not blank", (v) => typeof v === "string" && v.trim() !== "");
export const boolean = leaf<boolean>("boolean", "true or false", (v) => typeof v === "boolean");
export const number = leaf<number>("number", "a finite number", (v) => Number.isFinite(v));
export const anything = leaf<unknown>("unknown", "anything", () => true);

export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): Schema<number> {
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  return leaf("number", `a whole number ${range}`, (v) => Number.isSafeInteger(v) && (v as number) >= min && (v as number) <= max);
}

export function between(min: number, max: number): Schema<number> {
  return leaf("number", `a number from ${min} to ${max}`, (v) => typeof v === "number" && v >= min && v <= max);
}

export function oneOf<const T extends string | number | boolean | null>(...values: readonly T[]): Schema<T> {
  const shown = values.map((v) => JSON.stringify(v));
  return leaf(shown.join(" | "), shown.length === 1 ? shown[0]! : `one of ${shown.join(", ")}`, (v) => values.includes(v as T));
}

export function array<T>(item: Schema<T>, maxLength = Number.MAX_SAFE_INTEGER): Schema<readonly T[]> {
  return {
    text: /[ |]/.test(item.text) ? `(${item.text})[]` : `${item.text}[]`,
    uses: item.uses,
    said: item.said && ((value, say) => (value as unknown[]).map((one) => item.said?.(one, say))),
    problem(value, path) {
      if (!Array.isArray(value)) return `${at(path)} must be a list`;
      if (value.length > maxLength) return `${at(path)} must not have more than ${maxLength} items`;
      for (let i = 0; i < value.length; i++) {
        const problem = item.problem(value[i], `${path}[${i}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** An object whose keys are free and whose values all fit. */
export function record<T>(item: Schema<T>): Schema<Readonly<Record<string, T>>> {
  return {
    text: `Record<string, ${item.text}>`,
    uses: item.uses,
    problem(value, path) {
      if (!isObject(value)) return `${at(path)} must be an object`;
      for (const [key, entry] of Object.entries(value)) {
        const problem = item.problem(entry, join(path, key));
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** Absent or undefined, or fitting. Never null. */
export function optional<T>(schema: Schema<T>): OptionalField<T> {
  return { optional: schema };
}

export function object<const F extends Readonly<Record<string, Field>>>(fields: F): Schema<ObjectOf<F>> {
  const entries = Object.entries(fields).map(([key, field]) =>
    "optional" in field ? { key, schema: field.optional, required: false } : { key, schema: field, required: true },
  );
  const speaking = entries.filter(({ schema }) => schema.said !== undefined);
  const shown = entries.map(({ key, schema, required }) => `${key}${required ? "" : "?"}: ${schema.text}`);
  return {
    text: shown.length === 0 ? "{}" : `{ ${shown.join("; ")} }`,
    uses: entries.flatMap(({ schema }) => schema.uses),
    said:
      speaking.length === 0
        ? undefined
        : (value, say) => {
            const given = value as Readonly<Record<string, unknown>>;
            const present = speaking.filter(({ key }) => given[key] !== undefined);
            return present.length === 0 ? value : { ...given, ...Object.fromEntries(present.map(({ key, schema }) => [key, schema.said?.(given[key], say)])) };
          },
    problem(value, path) {
      if (!isObject(value)) return `${at(path)} must be an object`;
      for (const { key, schema, required } of entries) {
        const entry = value[key];
        if (entry === undefined) {
          if (required) return `${at(join(path, key))} is missing`;
          continue;
        }
        const problem = schema.problem(entry, join(path, key));
        if (problem !== undefined) return problem;
      }
      return undefined;
    },
  };
}

/** The first member that fits decides; none fitting reports the one that got furthest by name. */
export function union<const S extends readonly Schema<unknown>[]>(...members: S): Schema<TypeOf<S[number]>> {
  return {
    text: members.map((member) => member.text).join(" | "),
    uses: members.flatMap((member) => member.uses),
    said: members.some((member) => member.said !== undefined)
      ? (value, say) => {
          const fitting = members.find((member) => member.problem(value, "") === undefined);
          return fitting?.said === undefined ? value : fitting.said(value, say);
        }
      : undefined,
    problem(value, path) {
      if (members.some((member) => member.problem(value, path) === undefined)) return undefined;
      return `${at(path)} must be ${members.map((member) => member.text).join(" or ")}`;
    },
  };
}

/** Objects told apart by a literal field; the message of a misfit is that of the member meant. */
export function tagged<const K extends string, const M extends Readonly<Record<string, Schema<object>>>>(
  key: K,
  members: M,
): Schema<{ [T in keyof M & string]: Simplify<{ readonly [P in K]: T } & TypeOf<M[T]>> }[keyof M & string]> {
  const names = Object.keys(members);
  return {
    text: names.map((name) => `{ ${key}: ${JSON.stringify(name)}${inner(members[name]!.text)} }`).join(" | "),
    uses: Object.values(members).flatMap((member) => member.uses),
    said: Object.values(members).some((member) => member.said !== undefined)
      ? (value, say) => {
          const member = members[(value as Readonly<Record<string, string>>)[key] ?? ""];
          return member?.said === undefined ? value : member.said(value, say);
        }
      : undefined,
    problem(value, path) {
      if (!isObject(value)) return `${at(path)} must be an object`;
      const tag = value[key];
      const member = typeof tag === "string" && Object.hasOwn(members, tag) ? members[tag] : undefined;
      if (member === undefined) return `${at(join(path, key))} must be one of ${names.map((n) => JSON.stringify(n)).join(", ")}`;
      return member.problem(value, path);
    },
  };
}

/** Gives a schema a name of its own in the documentation. */
export function named<T>(name: string, body: Schema<T>): Schema<T> {
  const self: NamedSchema = { name, body, text: name, uses: [], problem: (value, path) => body.problem(value, path) };
  return { text: name, uses: [self], said: body.said, problem: self.problem };
}

/** Words of the program for people, in the language of the client: never to be read by a machine. */
export const words: Schema<string> = { ...named("Words", string), said: (value, say) => say(value as string) };

function inner(objectText: string): string {
  return objectText === "{}" ? "" : `; ${objectText.slice(2, -2)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
