/** How many positions of a prompt are no words. */
import type { Answer } from "../../../server/src/engine/answer.js";
import { createComposer } from "../../../server/src/engine/compose/registry.js";
import { soundOutline, soundShape } from "../../../server/src/engine/compose/sound.js";
import { shapesOf } from "../../../server/src/engine/systemRun.js";
import { openPack } from "../../../server/src/runtime/packs/openPack.js";

export interface TokenCounter {
  /** The tokens of frames and sound that `system` showed the model for this answer. */
  of(system: string, answer: Answer): Promise<number>;
  dispose(): Promise<void>;
}

export async function tokenCounter(model: string): Promise<TokenCounter> {
  const pack = await openPack(model, { threads: 1 });
  return {
    of: async (name, { provenance }) => {
      const system = name === pack.spec.system ? pack : await pack.system(name);
      const seen = createComposer(system.spec.composer, shapesOf(system)).outline(provenance.frameTimesMs.length);
      const heard = system.audio ? soundOutline(soundShape(system.audio), provenance.soundSpans?.length ?? 0) : [];
      return [...heard, ...seen].reduce((sum, { rows }) => sum + rows, 0);
    },
    dispose: () => pack.dispose(),
  };
}
