/**
 * Variants of a pack's systems, as a copy of the pack: the same weights under a longer manifest. Behind a
 * slash a part is switched off, behind "@" stands how many frames are looked at instead, at the same tokens.
 */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { MANIFEST_FILE } from "../../../server/src/runtime/packs/manifest.js";

interface SystemSection {
  readonly name: string;
  readonly composer?: Readonly<Record<string, unknown>>;
  readonly sampling?: Readonly<Record<string, unknown>>;
}

interface Sizes {
  readonly encoder?: { readonly tokens: number };
}

type Settings = Readonly<Record<string, unknown>>;

/** What is switched off, by the name that it gives a system. `composer` stands for what the pack says. */
const SWITCHES: readonly { readonly of: string; readonly part: string; readonly settings: (composer: Settings, tokens: number) => Settings }[] = [
  { of: "red-villm", part: "spatial", settings: () => ({ temporal: false }) },
  { of: "red-villm", part: "temporal", settings: () => ({ spatial: false }) },
  { of: "video-llama", part: "sound", settings: () => ({ vision: false }) },
  { of: "longvlm", part: "local", settings: () => ({ global: 0 }) },
  // All frames in one: as many tokens as before, of the whole video and in no order of time.
  { of: "longvlm", part: "one-segment", settings: (composer, tokens) => ({ segments: 1, merges: quarters((composer["frames"] as number) * tokens, localTokens(composer, tokens)) }) },
];

export const VARIANTS: readonly string[] = [...SWITCHES.map(({ of, part }) => `${of}/${part}`), "longvlm@320", "mean-pool@320"];

/** Whether a pack must be extended for a system of that name. */
function isVariant(name: string, systems: readonly string[]): boolean {
  return !systems.includes(name) && /[/@]/.test(name);
}

/** The manifest with the systems that `names` asks for beside those that it has. Error: a name of no known variant. */
export function withVariants<T extends Sizes & { readonly systems?: readonly SystemSection[] }>(manifest: T, names: readonly string[]): T {
  const systems = manifest.systems ?? [];
  const wanted = [...new Set(names)].filter((name) => isVariant(name, systems.map((each) => each.name)));
  const made = wanted.map((name) => ({ ...variant(name, systems, manifest.encoder?.tokens ?? 0), name: manifestName(name) }));
  return { ...manifest, systems: [...systems, ...made] };
}

/** A manifest's names have no "@": "longvlm@320" is called "longvlm/frames-320" there. */
export function manifestName(name: string): string {
  return name.replace("@", "/frames-");
}

function variant(name: string, systems: readonly SystemSection[], tokens: number): SystemSection {
  const [whole, frames] = name.split("@") as [string, string?];
  const [of, part] = whole.split("/") as [string, string?];
  const section = systems.find((system) => system.name === of);
  const own = part === undefined ? undefined : SWITCHES.find((each) => each.of === of && each.part === part);
  if (section === undefined || (part !== undefined && own === undefined) || (frames !== undefined && !/^[1-9]\d*$/.test(frames))) {
    throw new Error(`There is no variant "${name}"; known are ${VARIANTS.join(", ")}, and other numbers of frames.`);
  }
  const looking = frames === undefined ? section : withFrames(section, Number(frames), tokens);
  const composer = { name: of, ...looking.composer };
  return { ...looking, name, composer: { ...composer, ...own?.settings(composer, tokens) } };
}

/** LongVLM merges more away, so that as many tokens are left; the others take what they are given. */
function withFrames(section: SystemSection, frames: number, tokens: number): SystemSection {
  const sampling = { ...section.sampling, frames, maxFrames: frames };
  const { composer } = section;
  if (composer?.["merges"] === undefined) return { ...section, sampling };
  const segments = composer["segments"] as number;
  const merges = quarters((frames * tokens) / segments, localTokens(composer, tokens) / segments);
  return { ...section, sampling, composer: { ...composer, frames, merges } };
}

function localTokens(composer: Settings, tokens: number): number {
  const { frames, segments, merges } = composer as { frames: number; segments: number; merges: readonly number[] };
  return frames * tokens - segments * merges.reduce((sum, r) => sum + r, 0);
}

/** A quarter of the tokens less in each step until `left` are left. */
export function quarters(rows: number, left: number): number[] {
  const merges: number[] = [];
  for (let now = rows; now > left; now -= merges.at(-1)!) merges.push(Math.min(now - left, Math.max(1, Math.floor(now / 4))));
  return merges;
}

/** Copies the pack at `from` into the new folder `to`. */
export async function copyWithVariants(from: string, to: string, names: readonly string[]): Promise<void> {
  await mkdir(to, { recursive: true });
  await cp(from, to, { recursive: true, dereference: true });
  const manifest = JSON.parse(await readFile(join(from, MANIFEST_FILE), "utf8")) as { systems?: SystemSection[] };
  await writeFile(join(to, MANIFEST_FILE), JSON.stringify(withVariants(manifest, names)));
}
