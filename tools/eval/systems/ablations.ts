/** Systems with a part switched off, as a copy of a pack: the same weights under a longer manifest. */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MANIFEST_FILE } from "../../../server/src/runtime/packs/manifest.js";

interface SystemSection {
  readonly name: string;
  readonly composer?: Readonly<Record<string, unknown>>;
}

/** What is switched off, by the name that it gives a system. Nothing was trained for it. */
const SWITCHES: readonly { readonly of: string; readonly name: string; readonly settings: Readonly<Record<string, unknown>> }[] = [
  { of: "red-villm", name: "red-villm/spatial", settings: { temporal: false } },
  { of: "red-villm", name: "red-villm/temporal", settings: { spatial: false } },
  { of: "longvlm", name: "longvlm/local", settings: { global: 0 } },
  { of: "video-llama", name: "video-llama/sound", settings: { vision: false } },
];

export const ABLATIONS: readonly string[] = SWITCHES.map(({ name }) => name);

export function withAblations<T extends { readonly systems?: readonly SystemSection[] }>(manifest: T): T {
  const systems = manifest.systems ?? [];
  const more = SWITCHES.flatMap(({ of, name, settings }) =>
    systems.filter((system) => system.name === of).map((system) => ({ ...system, name, composer: { name: of, ...system.composer, ...settings } })),
  );
  return { ...manifest, systems: [...systems, ...more] };
}

/** Copies the pack at `from` into the new folder `to`. */
export async function copyWithAblations(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true, dereference: true });
  const manifest = JSON.parse(await readFile(join(from, MANIFEST_FILE), "utf8")) as { systems?: SystemSection[] };
  await writeFile(join(to, MANIFEST_FILE), JSON.stringify(withAblations(manifest)));
}
