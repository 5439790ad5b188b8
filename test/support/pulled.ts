/** Catalogue entries from a hub of the test's own, and what their language models are given. */
import type { Answer, AskRequest } from "../../server/src/engine/answer.js";
import { createPipeline } from "../../server/src/engine/pipeline.js";
import type { LanguageModel, Piece } from "../../server/src/engine/ports.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import type { CatalogueEntry } from "../../server/src/runtime/packs/catalogue.js";
import { Hub } from "../../server/src/runtime/packs/download/hub.js";
import type { RuntimePack } from "../../server/src/runtime/packs/openPack.js";
import { pullPack } from "../../server/src/runtime/packs/pull.js";
import { PackStore } from "../../server/src/runtime/packs/store.js";
import { HubServer } from "./hubServer.js";

/**
 * Pulls an entry as a user does.
 * @param models the folder of models
 * @param fill adds the entry's files to the hub, which has the commit that the entry names
 */
export async function pullInto(models: string, entry: CatalogueEntry, fill: (hub: HubServer) => void): Promise<void> {
  const hub = await HubServer.start();
  hub.commit = entry.files.find(({ revision }) => revision !== "main")?.revision ?? hub.commit;
  fill(hub);
  const client = new Hub({ endpoint: hub.endpoint });
  try {
    await pullPack({ entry, store: new PackStore(models), hub: client });
  } finally {
    await client.close();
    await hub.stop();
  }
}

/** Asks, and keeps what the language model was given. */
export async function givenTo(pack: RuntimePack, media: Media, request: AskRequest): Promise<{ readonly pieces: readonly Piece[]; readonly timesMs: readonly number[]; readonly provenance: Answer["provenance"] }> {
  let prefix: readonly Piece[] = [];
  let end: readonly Piece[] = [];
  const { engine, width, contextSize, maxVisual } = pack.language;
  const language: LanguageModel = {
    ...{ engine, width, contextSize, maxVisual },
    countTokens: (pieces) => pack.language.countTokens(pieces),
    dispose: () => Promise.resolve(),
    session: async () => {
      const session = await pack.language.session();
      return {
        setPrefix: (pieces, signal) => session.setPrefix((prefix = pieces), signal),
        generate: (pieces, ...rest) => session.generate((end = pieces), ...rest),
        score: (...all) => session.score(...all),
        dispose: () => session.dispose(),
      };
    },
  };
  const pipeline = createPipeline({ source: media.frames, cues: media.cues, audio: media.audio, pack: { ...pack, language }, cache: new MemoryFeatureCache(), engine: [], now: () => performance.now() });
  try {
    const { provenance } = await pipeline.ask(request);
    return { pieces: [...prefix, ...end], timesMs: provenance.frameTimesMs, provenance };
  } finally {
    await pipeline.dispose();
  }
}
