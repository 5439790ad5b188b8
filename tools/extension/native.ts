/** The packages that cannot be bundled, with what they need at run time and nothing for other platforms. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
}

/** Folders of the packages and of all that they depend on, on a platform. */
export function closure(root: string, names: readonly string[], platform: string, arch: string): readonly string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    if (found.has(folder)) return;
    const manifest = manifestOf(folder);
    if (!fits(manifest, platform, arch)) return;
    found.add(folder);
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
      if (UNUSED[manifest.name]?.includes(name) === true) continue;
      const dependency = find(folder, name, root);
      if (dependency !== undefined) visit(dependency);
    }
  };
  for (const name of names) {
    const folder = find(root, name, root);
    if (folder === undefined) throw new Error(`${name} is not installed. Run \`npm run setup\`.`);
    visit(folder);
  }
  return [...found].sort();
}

/** Copies one package from node_modules of `root` to `target`, without what only its authors need. */
export function copyPackage(root: string, folder: string, target: string, platform: string, arch: string): void {
  const place = relative(join(root, "node_modules"), folder);
  cpSync(folder, join(target, place), {
    recursive: true,
    filter: (source) => {
      const inside = relative(folder, source).split(sep);
      // Packages inside of packages are copied as packages, when they are needed.
      if (inside.includes("node_modules")) return false;
      return !isNeedless(basename(folder), inside, platform, arch);
    },
  });
}

const DOCUMENTS = /\.(md|markdown|map|d\.ts|d\.mts|d\.cts|ts|mts|cts|flow|tsbuildinfo|sh|yml|yaml|c|cc|cpp|h|hpp|gyp|gypi|def|lock|npmignore)$/i;
const FOLDERS = new Set(["test", "tests", "__tests__", "example", "examples", "docs", "doc", "benchmark", "coverage", ".github", "script", "scripts", "src", "install"]);
const LEGAL = /^(licen[cs]e|notice|copying|third)/i;

function isNeedless(name: string, inside: readonly string[], platform: string, arch: string): boolean {
  const [first = "", second = "", third = "", fourth] = inside;
  const file = inside.at(-1) ?? "";
  if (LEGAL.test(file)) return false;
  if (DOCUMENTS.test(file)) return true;
  if (name === "onnxruntime-node" && first === "bin" && third !== "" && (third !== platform || (fourth !== undefined && fourth !== arch))) return true;
  // Sources of llama.cpp and templates for new projects: only the facts about the release are read.
  if (name === "node-llama-cpp" && (first === "templates" || (first === "llama" && second !== "" && !second.endsWith(".json")))) return true;
  if (name === "node-llama-cpp") return false;
  if (inside.some((part) => part === "__mocks__" || part === "__tests__" || part === "test" || part === "tests")) return true;
  // Some packages run from their src folder; then there is no other.
  return inside.length === 1 && FOLDERS.has(first) && first !== "src";
}

/** Dependencies of parts that are not used: nothing is downloaded. */
const UNUSED: Readonly<Record<string, readonly string[]>> = {
  "onnxruntime-node": ["adm-zip", "global-agent"],
  // For those who compile llama.cpp.
  "node-llama-cpp": ["node-addon-api", "node-api-headers"],
};

/** llama.cpp's packages say more processors than they hold: their names count. */
const LLAMA = /^@node-llama-cpp\//;

function fits({ os, cpu, name }: Manifest, platform: string, arch: string): boolean {
  const system = { darwin: "mac", win32: "win" }[platform] ?? platform;
  if (LLAMA.test(name)) return name === `@node-llama-cpp/${system}-${arch}` || (system === "mac" && name === `@node-llama-cpp/mac-${arch}-metal`);
  const matches = (list: readonly string[] | undefined, value: string): boolean => list === undefined || list.includes(value);
  return matches(os, platform) && matches(cpu, arch);
}

/** As Node looks: beside, then above. */
function find(from: string, name: string, root: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (folder === root || dirname(folder) === folder) return undefined;
  }
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

