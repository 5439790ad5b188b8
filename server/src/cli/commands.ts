/** The commands of the program, in the order of its help. */
import { AGREEMENT, agreement } from "./agreement.js";
import type { CommandSpec } from "./args.js";
import { ASK, ask } from "./ask.js";
import { BATCH, batch } from "./batch.js";
import { CACHE, cache } from "./cache.js";
import type { Invocation } from "./common.js";
import { DOCTOR, doctor } from "./doctor.js";
import { EVAL, evaluate } from "./eval.js";
import { EXPORT, exportNotebooks } from "./export.js";
import { IMPORT, importFiles } from "./import.js";
import { INDEX, index } from "./index.js";
import { LSP, lsp } from "./lsp.js";
import { MODELS, models } from "./models.js";
import { PROBE, probe } from "./probe.js";
import { QUEUE, queue } from "./queue.js";
import { RUN, run } from "./run.js";
import { SCENES, scenes } from "./scenes.js";
import { TRANSCRIBE, transcribe } from "./transcribe.js";
import { WORKER, worker } from "./worker.js";

export interface Command {
  readonly spec: CommandSpec;
  readonly run: (invocation: Invocation) => Promise<number>;
}

export const COMMANDS: readonly Command[] = [
  { spec: ASK, run: ask },
  { spec: RUN, run },
  { spec: BATCH, run: batch },
  { spec: EVAL, run: evaluate },
  { spec: AGREEMENT, run: agreement },
  { spec: WORKER, run: worker },
  { spec: QUEUE, run: queue },
  { spec: INDEX, run: index },
  { spec: TRANSCRIBE, run: transcribe },
  { spec: PROBE, run: probe },
  { spec: SCENES, run: scenes },
  { spec: IMPORT, run: importFiles },
  { spec: EXPORT, run: exportNotebooks },
  { spec: MODELS, run: models },
  { spec: CACHE, run: cache },
  { spec: DOCTOR, run: doctor },
  { spec: LSP, run: lsp },
];
