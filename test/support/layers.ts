/**
 * Which room of the house may import which: a checker over the text of the sources, so that an
 * arrow in the wrong direction fails a test and not a release.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";

export interface Import {
  readonly specifier: string;
  /** import() of something that is not a plain string: nobody can tell where it leads. */
  readonly computed?: boolean;
  readonly line: number;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

interface Room {
  /** Rooms whose files may be imported, besides its own. */
  readonly rooms: readonly string[];
  /** Single files of other rooms that may be imported. */
  readonly files?: readonly string[];
  readonly packages: readonly (string | RegExp)[];
}

const NODE = /^node:/;
const ANY = /./;

/** Packages that hold native code; they may be loaded in a process of their own only. */
export const NATIVE = ["node-llama-cpp", "onnxruntime-node", "node-av", "ffmpeg-static"];

const HASHES = /^@noble\/hashes(\/|$)/;
const LSP_LIBRARIES = [/^vscode-languageserver(-types|-protocol|-textdocument)?(\/|$)/, /^vscode-jsonrpc(\/|$)/];

/** Plain values that travel: questions, answers and errors. */
const ENGINE_VALUES = ["engine/answer.ts", "engine/errors.ts", "engine/ports.ts"];

export const ROOMS: Readonly<Record<string, Room>> = {
  format: { rooms: [], packages: [HASHES] },
  engine: { rooms: ["format"], packages: [HASHES, "stemmer"] },
  language: { rooms: ["format"], packages: [/^vscode-languageserver-(types|textdocument)$/] },
  protocol: { rooms: ["format"], files: ENGINE_VALUES, packages: [] },
  runtime: { rooms: ["engine", "format", "protocol"], packages: [NODE, ANY] },
  lsp: { rooms: ["language", "format", "protocol"], files: ENGINE_VALUES, packages: [NODE, ...LSP_LIBRARIES] },
  cli: { rooms: ["engine", "format", "protocol", "runtime"], packages: [NODE, "cli-progress", "tinyglobby"] },
  main: { rooms: ["format", "language", "engine", "runtime", "protocol", "lsp"], packages: [NODE, ...LSP_LIBRARIES] },
  web: { rooms: ["format", "language", "lsp"], packages: LSP_LIBRARIES },
  client: { rooms: ["format", "protocol"], packages: [NODE, "vscode", /^vscode-languageclient(\/|$)/] },
};

/**
 * Checks one file. Pure: `path` need not exist.
 * @param path of the file, relative to the repository: "server/src/format/parse.ts"
 */
export function check(path: string, source: string): Violation[] {
  const name = roomOf(path);
  const room = name === undefined ? undefined : ROOMS[name];
  if (name === undefined || room === undefined) return [{ file: path, line: 1, message: `${path} lies in no known room` }];
  return importsOf(source).flatMap(({ specifier, computed, line }) => {
    const message = computed ? computedRule(name) : specifier.startsWith(".") ? relativeRule(path, name, room, specifier) : packageRule(name, room, specifier);
    return message === undefined ? [] : [{ file: path, line, message }];
  });
}

/** Checks all sources under server/src and client of the repository at `root`. */
export function checkTree(root: string): Violation[] {
  return sourceFiles(root).flatMap((path) => check(path, readFileSync(join(root, path), "utf8")));
}

/** Paths relative to `root`, with forward slashes. */
export function sourceFiles(root: string): string[] {
  return [...walk(join(root, "server", "src")), ...walk(join(root, "client"))].map((path) => relative(root, path).split(sep).join("/"));
}

/** Packages that a file imports, itself or through the project's own files. */
export function packagesReachedFrom(root: string, entry: string): ReadonlyMap<string, readonly string[]> {
  const reached = new Map<string, readonly string[]>();
  const seen = new Set<string>();
  const visit = (path: string, way: readonly string[]): void => {
    if (seen.has(path) || !existsSync(join(root, path))) return;
    seen.add(path);
    for (const { specifier, computed } of importsOf(readFileSync(join(root, path), "utf8"), { types: false })) {
      if (computed) continue;
      if (specifier.startsWith(".")) visit(resolve(path, specifier), [...way, path]);
      else if (!reached.has(specifier)) reached.set(specifier, [...way, path]);
    }
  };
  visit(entry, []);
  return reached;
}

/**
 * Static and dynamic imports, re-exports and requires, in order.
 * @param options.types whether those that exist for the compiler only are counted; they are by default
 */
export function importsOf(source: string, options: { readonly types?: boolean } = {}): Import[] {
  const { text, code } = blank(source);
  const found: (Import & { at: number })[] = [];
  const add = (at: number, specifier: string, computed = false): void => {
    found.push({ at, specifier, line: text.slice(0, at).split("\n").length, ...(computed ? { computed } : {}) });
  };
  for (const match of text.matchAll(/\b(import|export)\s+(type\s+)?(?:[\w$*{][^;"'`()]*?\bfrom\s*)?["']([^"'\n]+)["']/g)) {
    if (!code.startsWith(match[1] as string, match.index)) continue;
    if (match[1] === "export" && !/\bfrom\s*["']/.test(match[0])) continue;
    if (match[2] !== undefined && options.types === false) continue;
    add(match.index, match[3] as string);
  }
  for (const match of code.matchAll(/(?<![.\w$])(import|require|require\.resolve)\s*\(/g)) {
    const literal = /^\s*(["'`])([^"'`$\n]+)\1\s*[,)]/.exec(text.slice(match.index + match[0].length));
    if (literal !== null) add(match.index, literal[2] as string);
    else if (match[1] === "import") add(match.index, "", true);
  }
  return found.sort((a, b) => a.at - b.at).map(({ at: _, ...rest }) => rest);
}

/** The source without its comments, and without what its strings say either; places stay the same. */
function blank(source: string): { readonly text: string; readonly code: string } {
  const pattern = /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  const erase = (whole: string): string => whole.replace(/[^\n]/g, " ");
  return {
    text: source.replace(pattern, (whole, string: string | undefined) => string ?? erase(whole)),
    code: source.replace(pattern, erase),
  };
}

function roomOf(path: string): string | undefined {
  if (path.startsWith("client/")) return "client";
  const inside = /^server\/src\/([^/]+)/.exec(path)?.[1];
  if (inside === undefined) return undefined;
  // main.ts, web.ts and cli.ts are composition roots; a folder beside them of that name belongs to them.
  return inside.replace(/\.ts$/, "");
}

function resolve(path: string, specifier: string): string {
  return posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
}

function relativeRule(path: string, name: string, room: Room, specifier: string): string | undefined {
  const target = resolve(path, specifier);
  const to = roomOf(target);
  if (to === name) return undefined;
  if (to === undefined) return `${name} imports ${target}, which is outside of the sources`;
  if (room.rooms.includes(to)) return undefined;
  if (room.files?.includes(target.replace(/^server\/src\//, "")) === true) return undefined;
  return `${name} must not import ${to} (${target})`;
}

function packageRule(name: string, room: Room, specifier: string): string | undefined {
  const root = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : (specifier.split("/")[0] as string);
  if (NATIVE.includes(root) && name !== "runtime") return `${name} must not import the native package ${root}; only runtime may`;
  const allowed = room.packages.some((rule) => (typeof rule === "string" ? rule === root : rule.test(specifier)));
  if (!allowed) return `${name} must not import ${specifier}`;
  return name === "runtime" && (root === "vscode" || /^vscode-/.test(root)) ? `${name} must not import the editor's ${root}` : undefined;
}

function computedRule(name: string): string | undefined {
  // Adapters look for optional packages; nobody else has a reason to hide what is loaded.
  return name === "runtime" ? undefined : `${name} imports something computed: write the name out`;
}

function walk(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" || entry.name === "out" ? [] : walk(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith(".d.ts") ? [path] : [];
  });
}
