import type { Scan } from "../decoder.js";
import { SAMPLE_RATE, pcmFilter, seekPoint } from "../pcm.js";
import { AV, type AvFrame } from "./binding.js";
import { copyOf, FilterChain } from "./filter.js";
import type { Input } from "./input.js";

/** @param input just opened */
export async function pcm(input: Input, scan: Scan, startMs: number, endMs: number, signal?: AbortSignal): Promise<Float32Array> {
  const samples = new Float32Array(Math.round(((endMs - startMs) * SAMPLE_RATE) / 1000));
  let filled = 0;
  const keep = (frame: AvFrame): void => {
    const bytes = copyOf(frame);
    const part = new Float32Array(bytes.buffer, bytes.byteOffset, Math.min(frame.nbSamples, samples.length - filled));
    samples.set(part, filled);
    filled += part.length;
  };
  const stream = input.format.streams[scan.audio[0]!.index]!;
  input.only(stream.index);
  const { num, den } = stream.timeBase;
  const seek = seekPoint(scan, startMs);
  if (seek !== undefined) input.format.seekFrameSync(stream.index, BigInt(Math.floor((seek * den) / (1000 * num))), AV.SEEK_BACKWARD);
  const decoder = input.decoder(stream, 1);
  const chain = new FilterChain(input.binding, input.file, "audio", stream, pcmFilter(startMs, samples.length));
  try {
    const take = (frame: AvFrame): void => chain.push(frame, keep);
    for (let p = await input.read(signal); p && filled < samples.length; p = await input.read(signal)) {
      if (p.streamIndex === stream.index) await decoder.decode(p, take);
    }
    if (filled < samples.length) {
      await decoder.decode(null, take);
      chain.push(null, keep);
    }
  } finally {
    decoder.close();
    chain.close();
  }
  return samples;
}
