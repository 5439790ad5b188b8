/** The systems of a pack, each whole: its own sections, and the pack's where it has none. */
import type { ProjectorName } from "../../engine/compose/port.js";
import type { ComposerSpec } from "../../engine/compose/registry.js";
import { LONG_VIDEO, type LongVideoSettings } from "../../engine/longVideo/settings.js";
import type { AudioClips } from "../../engine/pack.js";
import { VqaError } from "../../engine/errors.js";
import { readComposer } from "./composerShape.js";
import type { Manifest } from "./manifest.js";

export type ProjectorManifest = NonNullable<Manifest["projector"]>;
export type AudioManifest = NonNullable<Manifest["audio"]>;

export interface SystemManifest extends Pick<Manifest, "preprocess" | "encoder" | "language" | "sampling" | "subtitles" | "prompt" | "choices"> {
  readonly longVideo: Manifest["longVideo"] | undefined;
  readonly name: string;
  /** Where its own sections stand in the file: "" for the default system, "systems[0]." for others. */
  readonly at: string;
  readonly composer: ComposerSpec;
  readonly projectors: Readonly<Partial<Record<ProjectorName, ProjectorManifest>>>;
  readonly parts: Partial<NonNullable<Manifest["parts"]>>;
  readonly audio?: AudioManifest;
}

/** The default system first; it has the name of its composer. */
export function systemsOf(manifest: Manifest): readonly SystemManifest[] {
  const { preprocess, encoder, language, sampling, subtitles, prompt, choices, longVideo, composer, audio } = manifest;
  const projectors = defined({ visual: manifest.projector, ...manifest.projectors });
  const first: SystemManifest = {
    ...{ preprocess, encoder, language, sampling, subtitles, prompt, choices, longVideo, composer, projectors },
    name: composer.name,
    at: "",
    parts: manifest.parts ?? {},
    ...(audio ? { audio } : {}),
  };
  const others = (manifest.systems ?? []).map((own, i): SystemManifest => {
    const at = `systems[${i}].`;
    const { audio: packs, ...base } = first;
    const heard = own.audio === undefined ? packs : (own.audio ?? undefined);
    return {
      ...base,
      ...defined({ preprocess: own.preprocess, encoder: own.encoder, language: own.language, sampling: own.sampling, subtitles: own.subtitles, prompt: own.prompt, choices: own.choices }),
      // Said in part, the rest is the pack's.
      longVideo: own.longVideo === undefined ? longVideo : { ...longVideo, ...own.longVideo },
      name: own.name,
      at,
      composer: own.composer ?? readComposer({ name: own.name }, `${at}composer`),
      projectors: { ...projectors, ...defined({ ...own.projectors }) },
      parts: own.parts ?? first.parts,
      ...(heard ? { audio: heard } : {}),
    };
  });
  return [first, ...others];
}

/** In milliseconds, and whole. */
export function longVideoOf({ longVideo = {} }: Pick<SystemManifest, "longVideo">): LongVideoSettings {
  const { afterSeconds, clipSeconds, ...others } = longVideo;
  return {
    ...LONG_VIDEO,
    ...(defined(others) as Partial<LongVideoSettings>),
    ...(afterSeconds === undefined ? {} : { afterMs: Math.round(afterSeconds * 1000) }),
    ...(clipSeconds === undefined ? {} : { clipMs: Math.max(1000, Math.round(clipSeconds * 1000)) }),
  };
}

/** Error: invalid-request when the pack has no system of that name. */
export function systemOf(manifest: Manifest, name: string): SystemManifest {
  const all = systemsOf(manifest);
  const found = all.find((system) => system.name === name);
  if (found) return found;
  throw new VqaError(
    "invalid-request",
    `The model "${manifest.id}" has no composer "${name}".`,
    `Choose ${all.map((system) => system.name).join(", ")}.`,
    { data: { composer: name, composers: all.map((system) => system.name) } },
  );
}

/** The files that a system is run from. */
export function filesOf({ encoder, projectors, parts, audio, language }: SystemManifest): readonly string[] {
  const sections = [encoder, ...Object.values(projectors), ...Object.values(parts), audio?.encoder, audio?.positions, audio?.qformer, language];
  return [...new Set(sections.flatMap((section) => (section === undefined ? [] : [section.file])))];
}

export function clipsOf({ clips: { count, most, seconds } }: AudioManifest): AudioClips {
  return { count, most: most ?? count, seconds };
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
