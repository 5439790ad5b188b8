/** The embedded model without its further parts: three files, and a manifest of what every pack has. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type PlainManifest = Record<string, unknown> & { files: { path: string; bytes: number; sha256: string }[] };

/** `micro` is the embedded pack's folder. */
export function plainManifest(micro: string): PlainManifest {
  const { systems: _, speech: __, embedder: ___, ...plain } = JSON.parse(readFileSync(join(micro, "vqa-model.json"), "utf8")) as PlainManifest;
  return { ...plain, files: plain.files.filter(({ path }) => !path.includes("/")) };
}

export function plainPack(micro: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const manifest = plainManifest(micro);
  for (const { path } of manifest.files) cpSync(join(micro, path), join(folder, path));
  writeFileSync(join(folder, "vqa-model.json"), JSON.stringify(manifest, undefined, 2));
}
