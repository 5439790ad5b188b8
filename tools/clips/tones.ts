/** Tones for synthetic clips: when which one sounds, and the sound itself. */
import { Random } from "./random.js";
import { PITCHES, type Pitch, type Scene, type Thing, type Tone } from "./scene.js";

/** Samples a second of {@link soundOf}. */
export const SOUND_RATE = 32_000;

/** Around these; the embedded model was trained with what lies within 8 % and more. */
const HERTZ: Readonly<Record<Pitch, number>> = { low: 300, middle: 900, high: 2700 };

/** What Video-LLaMA hears of a clip: 8 pieces of 2 seconds, the first at its start, the last at its end. */
const [PIECES, PIECE_MS] = [8, 2000];
/** So much of a tone one piece must hear, and so much silence between two tones. */
const [HEARD_MS, SILENT_MS] = [800, 700];
const FADE_S = 0.02;
const MOST = 3;

/** Milliseconds between two pieces that none of them hears. */
export function unheardMs(durationMs: number): number {
  return Math.max(0, (durationMs - PIECE_MS) / (PIECES - 1) - PIECE_MS);
}

/**
 * None to three tones, none at the same time as another. Each lasts long enough to be heard, and
 * most lie within a time in which nothing appears or goes, so that what is on screen has one answer.
 */
export function tonesOf(random: Random, { durationMs, things }: Pick<Scene, "durationMs" | "things">): Tone[] {
  const gap = unheardMs(durationMs);
  const changes = [0, ...things.flatMap((t) => [t.startMs, t.endMs]), durationMs].sort((a, b) => a - b);
  const calm = changes.slice(1).flatMap((end, i): [number, number][] => (end - changes[i]! >= gap + HEARD_MS + 200 ? [[changes[i]!, end]] : []));
  const tones: Tone[] = [];
  const wanted = random.chance(0.1) ? 0 : random.int(1, MOST);
  for (let attempt = 0; attempt < 40 && tones.length < wanted; attempt++) {
    const [from, to] = calm.length > 0 && random.chance(0.7) ? random.pick(calm) : [0, durationMs];
    const room = to - from - 200;
    const length = Math.min(room, gap + HEARD_MS + random.between(0, 1000));
    if (length < gap + HEARD_MS) continue;
    const startMs = Math.round(from + 100 + random.between(0, room - length));
    const endMs = Math.round(startMs + length);
    const pause = gap + SILENT_MS;
    if (tones.some((t) => startMs < t.endMs + pause && endMs > t.startMs - pause)) continue;
    const pitch = random.pick(PITCHES);
    tones.push({ pitch, hertz: Math.round(HERTZ[pitch] * random.between(0.92, 1.08)), startMs, endMs });
  }
  return tones.sort((a, b) => a.startMs - b.startMs);
}

/** What is there for as long as a tone sounds, in the order of appearance; undefined when that changes meanwhile. */
export function thingsDuring({ startMs, endMs }: Tone, things: readonly Thing[]): readonly Thing[] | undefined {
  const there = things.filter((t) => t.startMs < endMs && t.endMs > startMs);
  if (!there.every((t) => t.startMs <= startMs && t.endMs >= endMs)) return undefined;
  return [...there].sort((a, b) => a.startMs - b.startMs);
}

/** The whole clip's sound: mono, 16 bit, {@link SOUND_RATE}. Loudness and timbre are the scene's own. */
export function soundOf({ seed, durationMs, tones = [] }: Scene): Int16Array {
  const random = new Random(seed + 31_337);
  const [loudness, harmonic, hiss] = [random.between(0.1, 0.4), random.between(0, 0.3), random.chance(0.5) ? random.between(0, 0.003) : 0];
  const sound = Float32Array.from({ length: Math.round((durationMs / 1000) * SOUND_RATE) }, () => (hiss === 0 ? 0 : random.between(-hiss, hiss)));
  for (const { hertz, startMs, endMs } of tones) {
    const length = (endMs - startMs) / 1000;
    const first = Math.round((startMs / 1000) * SOUND_RATE);
    for (let i = 0; i < length * SOUND_RATE && first + i < sound.length; i++) {
      const t = i / SOUND_RATE;
      const angle = 2 * Math.PI * hertz * t;
      const fade = Math.min(1, t / FADE_S, (length - t) / FADE_S);
      sound[first + i]! += fade * loudness * (Math.sin(angle) + harmonic * Math.sin(2 * angle)) * 0.75;
    }
  }
  return Int16Array.from(sound, (v) => Math.round(32767 * Math.max(-1, Math.min(1, v))));
}
