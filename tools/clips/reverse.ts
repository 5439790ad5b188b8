/** The twin of a clip that differs from it in nothing but the order of its pictures. */
import { placeAt, type Direction, type Scene, type Thing } from "./scene.js";

const OPPOSITE: Readonly<Record<Direction, Direction>> = { left: "right", right: "left", up: "down", down: "up" };

/**
 * The scene whose pictures are those of `scene` in reverse order, pixel for pixel. What is true of all
 * pictures together is true of both: a model that keeps no order gives both the same answer, and to
 * a question about order or direction that is right for one of them at most. Subtitles and sound are
 * left out. Things are in the order of their appearance.
 */
export function reversed(scene: Scene): Scene {
  const { durationMs, fps } = scene;
  const frames = Math.round((durationMs / 1000) * fps);
  const timeOf = (frame: number): number => (frame * 1000) / fps;
  /** The first frame at or after a time. */
  const frameAt = (timeMs: number): number => Math.min(frames, Math.ceil((timeMs * fps) / 1000 - 1e-9));
  const turn = (thing: Thing): Thing => {
    const startMs = timeOf(frames - frameAt(thing.endMs));
    const endMs = timeOf(frames - frameAt(thing.startMs));
    const [from, to] = [startMs, endMs].map((t) => placeAt(thing, timeOf(frames - 1) - t)) as [Thing["from"], Thing["to"]];
    return { ...thing, startMs, endMs, from, to, ...(thing.direction === undefined ? {} : { direction: OPPOSITE[thing.direction] }) };
  };
  const { tones: _, ...seen } = scene;
  return { ...seen, things: scene.things.map(turn), cues: [], facts: [] };
}
