import { Gate } from "../gate.js";
import type { MediaLimits } from "../limits.js";
import type { FfmpegBinary } from "../resolve.js";
import { run, type RunRequest, type RunResult } from "../run.js";
import { passthroughArgs } from "./args.js";

/** An ffmpeg binary with the caps under which it is run. */
export class FfmpegProgram {
  readonly passthrough: readonly string[];
  private readonly gate: Gate;

  constructor(
    readonly binary: FfmpegBinary,
    readonly limits: MediaLimits,
    /** Decoder threads of one process; 0 lets ffmpeg choose. */
    readonly threads: number,
  ) {
    this.passthrough = passthroughArgs(binary.version);
    this.gate = new Gate(limits.concurrency);
  }

  run(request: Omit<RunRequest, "program" | "maxRunMs">, signal?: AbortSignal, maxRunMs: number = this.limits.maxRunMs): Promise<RunResult> {
    return this.gate.run(() => run({ ...request, program: this.binary.path, maxRunMs }, signal), signal);
  }
}
