/**
 * Messages of a language server held against the published meta model of LSP (see
 * test/fixtures/lsp/README.md). Stricter than the specification in one thing: a property that it does
 * not know is a fault, since it is most likely a misspelt one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "./repo.js";

export type Type =
  | { readonly kind: "base" | "reference"; readonly name: string }
  | { readonly kind: "array"; readonly element: Type }
  | { readonly kind: "map"; readonly key: Type; readonly value: Type }
  | { readonly kind: "or" | "and" | "tuple"; readonly items: readonly Type[] }
  | { readonly kind: "literal"; readonly value: { readonly properties: readonly Property[] } }
  | { readonly kind: "stringLiteral" | "integerLiteral" | "booleanLiteral"; readonly value: unknown };

interface Property {
  readonly name: string;
  readonly type: Type;
  readonly optional?: boolean;
}

interface Structure {
  readonly name: string;
  readonly properties: readonly Property[];
  readonly extends?: readonly Type[];
  readonly mixins?: readonly Type[];
}

export interface MessageType {
  readonly method: string;
  readonly messageDirection: "clientToServer" | "serverToClient" | "both";
  /** Dotted path into the server's capabilities that announces it. */
  readonly serverCapability?: string;
  readonly params?: Type;
  readonly result?: Type;
}

interface MetaModel {
  readonly requests: readonly MessageType[];
  readonly notifications: readonly MessageType[];
  readonly structures: readonly Structure[];
  readonly enumerations: readonly { readonly name: string; readonly type: Type; readonly values: readonly { readonly value: unknown }[]; readonly supportsCustomValues?: boolean }[];
  readonly typeAliases: readonly { readonly name: string; readonly type: Type }[];
}

export const metaModel = JSON.parse(readFileSync(join(repoRoot, "test/fixtures/lsp/metaModel.json"), "utf8")) as MetaModel;

const byName = <T extends { readonly name: string }>(all: readonly T[]): ReadonlyMap<string, T> => new Map(all.map((one) => [one.name, one]));
const structures = byName(metaModel.structures);
const enumerations = byName(metaModel.enumerations);
const aliases = byName(metaModel.typeAliases);

/** What is wrong with a value, each with the path to it; empty for a value of the type. */
export function faults(type: Type, value: unknown, path = "$"): readonly string[] {
  const fault = (wanted: string): string[] => [`${path}: ${shown(value)} is not ${wanted}`];
  switch (type.kind) {
    case "base":
      return isBase(type.name, value) ? [] : fault(type.name);
    case "reference":
      return ofName(type.name, value, path);
    case "array":
      return Array.isArray(value) ? value.flatMap((item, i) => faults(type.element, item, `${path}[${i}]`)) : fault("an array");
    case "tuple":
      return Array.isArray(value) && value.length === type.items.length ? type.items.flatMap((item, i) => faults(item, value[i], `${path}[${i}]`)) : fault(`${type.items.length} values`);
    case "map":
      return isObject(value) ? Object.entries(value).flatMap(([key, of]) => [...faults(type.key, type.key.kind === "base" && type.key.name === "integer" ? Number(key) : key, `${path} key`), ...faults(type.value, of, `${path}.${key}`)]) : fault("an object");
    case "or": {
      const tries = type.items.map((item) => faults(item, value, path));
      // What it was most likely meant to be: the one with the deepest fault.
      return tries.some((found) => found.length === 0) ? [] : tries.reduce((best, one) => (depth(one) > depth(best) ? one : best));
    }
    case "and":
      return ofProperties(type.items.flatMap(propertiesOf), value, path);
    case "literal":
      return ofProperties(type.value.properties, value, path);
    default:
      return value === type.value ? [] : fault(JSON.stringify(type.value));
  }
}

function ofName(name: string, value: unknown, path: string): readonly string[] {
  if (name === "LSPAny") return value === undefined ? [`${path}: nothing is not LSPAny`] : [];
  if (name === "LSPObject") return isObject(value) ? [] : [`${path}: ${shown(value)} is not an object`];
  const alias = aliases.get(name);
  if (alias !== undefined) return faults(alias.type, value, path);
  const enumeration = enumerations.get(name);
  if (enumeration !== undefined) {
    const found = faults(enumeration.type, value, path);
    if (found.length > 0 || enumeration.supportsCustomValues === true || enumeration.values.some((one) => one.value === value)) return found;
    return [`${path}: ${shown(value)} is no ${name}`];
  }
  return ofProperties(propertiesOf({ kind: "reference", name }), value, path);
}

function ofProperties(properties: readonly Property[], value: unknown, path: string): readonly string[] {
  if (!isObject(value)) return [`${path}: ${shown(value)} is not an object`];
  const known = new Map(properties.map((property) => [property.name, property]));
  const unknown = Object.keys(value).filter((key) => !known.has(key)).map((key) => `${path}.${key}: no such property`);
  const wrong = [...known.values()].flatMap(({ name, type, optional }) => {
    if (value[name] === undefined) return optional === true ? [] : [`${path}.${name}: missing`];
    return faults(type, value[name], `${path}.${name}`);
  });
  return [...unknown, ...wrong];
}

/** Own properties go before those that are inherited under the same name. */
function propertiesOf(type: Type): readonly Property[] {
  if (type.kind === "literal") return type.value.properties;
  if (type.kind !== "reference") throw new Error(`A ${type.kind} has no properties.`);
  const alias = aliases.get(type.name);
  if (alias !== undefined) return propertiesOf(alias.type);
  const structure = structures.get(type.name);
  if (structure === undefined) throw new Error(`The meta model holds no ${type.name}: trim it again.`);
  return [...[...(structure.extends ?? []), ...(structure.mixins ?? [])].flatMap(propertiesOf), ...structure.properties];
}

function isBase(name: string, value: unknown): boolean {
  switch (name) {
    case "null":
      return value === null;
    case "boolean":
      return typeof value === "boolean";
    case "string":
    case "RegExp":
      return typeof value === "string";
    case "URI":
    case "DocumentUri":
      return typeof value === "string" && /^[A-Za-z][A-Za-z0-9+.-]*:/.test(value);
    case "integer":
      return Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31;
    case "uinteger":
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;
    case "decimal":
      return typeof value === "number";
    default:
      throw new Error(`The meta model has a base type ${name} that is not known here.`);
  }
}

function depth(found: readonly string[]): number {
  return Math.max(...found.map((fault) => (fault.split(": ")[0] ?? "").split(/[.[]/).length));
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 80);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
