import type { Scan } from "../decoder.js";
import { decoderFailed } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { SAMPLE_RATE, pcmFilter, seekPoint } from "../pcm.js";
import { QUIET, inputArgs } from "./args.js";
import type { FfmpegProgram } from "./program.js";

export async function pcm(ffmpeg: FfmpegProgram, file: CheckedFile, scan: Scan, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array> {
  const samples = new Float32Array(Math.round(((endMs - startMs) * SAMPLE_RATE) / 1000));
  const bytes = new Uint8Array(samples.buffer);
  let filled = 0;
  const seek = seekPoint(scan, startMs);
  const args = [
    ...QUIET, "-loglevel", "error", "-copyts",
    ...inputArgs(file, ffmpeg.limits, seek === undefined ? [] : ["-noaccurate_seek", "-seek_timestamp", "1", "-ss", (seek / 1000).toFixed(6)]),
    "-map", `0:${scan.audio[0]!.index}`, "-vn", "-sn", "-dn",
    "-af", pcmFilter(startMs, samples.length),
    "-f", "f32le", "pipe:1",
  ];
  const result = await ffmpeg.run(
    {
      args,
      onStdout: (chunk) => {
        const part = chunk.subarray(0, bytes.length - filled);
        bytes.set(part, filled);
        filled += part.length;
      },
    },
    signal,
  );
  if (result.code !== 0 && filled === 0) throw decoderFailed(file.path, `ffmpeg ended with code ${result.code ?? "none"}`, result.tail);
  return samples;
}
