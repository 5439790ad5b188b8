/** A look at a finished package: everything that it needs is in it, and nothing that only its authors need. */
import { readFileSync, statSync } from "node:fs";

/** A package for one platform is some 37 MB; what is a third larger holds what it should not. */
export const MAX_BYTES = 50_000_000;

const NEEDED: readonly RegExp[] = [
  /^extension\/package\.json$/,
  /^extension\/readme\.md$/i,
  /^extension\/LICENSE(\.txt)?$/,
  /^extension\/THIRD-PARTY-NOTICES\.md$/,
  /^extension\/media\/icon\.png$/,
  /^extension\/media\/pictures\/(chat|editor|models|notebook)\.png$/,
  /^extension\/dist\/client\/extension\.cjs$/,
  /^extension\/dist\/web\/(extension|server)\.js$/,
  /^extension\/dist\/server\/(main|entry|child|examiner)\.js$/,
  /^extension\/dist\/(renderer|chat|preview)\/\w+\.js$/,
  /^extension\/package\.nls\.json$/,
  /^extension\/l10n\/bundle\.l10n\.de\.json$/,
  /^extension\/syntaxes\/vqa\.tmLanguage\.json$/,
  /^extension\/server\/models\/micro\/.*\.gguf$/,
  /\/onnxruntime_binding\.node$/,
  /\/llama-addon\.node$/,
];

const NEEDLESS: readonly RegExp[] = [
  /\.(ts|mts|cts|map|tsbuildinfo|flow|c|cc|cpp|h|hpp|gyp|gypi|def|lock|sh|py|ya?ml|npmignore|vsix)$/i,
  /\/(__tests__|__mocks__|tests?|fixtures|benchmark|coverage)\//i,
  // Tests and training of this repository, and packages that were bundled.
  /^extension\/(test|tools|client|node_modules|server\/src|out)\//,
];

/** What is wrong with the package; nothing when all is well. */
export function faultsOf(names: readonly string[], bytes: number, platform: string, arch: string): string[] {
  const faults = NEEDED.filter((needed) => !names.some((name) => needed.test(name))).map((needed) => `nothing in it is ${needed.source}`);
  for (const name of names) if (NEEDLESS.some((needless) => needless.test(name))) faults.push(`${name} is needless`);
  const foreign = /\/bin\/napi-v\d+\/(\w+)\/(\w+)\//;
  for (const name of names) {
    const [, system, processor] = foreign.exec(name) ?? [];
    if (system !== undefined && (system !== platform || processor !== arch)) faults.push(`${name} is of another platform`);
  }
  if (bytes > MAX_BYTES) faults.push(`${(bytes / 1e6).toFixed(1)} MB are more than ${MAX_BYTES / 1e6}`);
  return faults;
}

/** Names of all files in a package, which is a ZIP archive (APPNOTE 6.3, 4.3.12 and 4.3.16), and its size. Error: it is none. */
export function contentsOf(path: string): { readonly names: readonly string[]; readonly bytes: number } {
  const zip = readFileSync(path);
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error(`${path} is no ZIP archive.`);
  const names: string[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    names.push(zip.toString("utf8", at + 46, at + 46 + name));
    at += 46 + name + extra + comment;
  }
  return { names, bytes: statSync(path).size };
}
