import type { Differences, ScannedVideo, WalkOver } from "../decoder.js";
import { compareFilter, comparedSize, DifferenceMeter, MAX_WALK_MS } from "../difference.js";
import { AV, type AvFrame } from "./binding.js";
import { FilterChain } from "./filter.js";
import type { Input } from "./input.js";
import { orientationOf } from "./matrix.js";

/** @param input just opened */
export async function differences(input: Input, threads: number, video: ScannedVideo, over: WalkOver, onPts: (pts: number) => void, signal?: AbortSignal): Promise<Differences> {
  input.begin(MAX_WALK_MS);
  const stream = input.format.streams[video.index]!;
  input.only(stream.index);
  const { filters } = orientationOf(stream.codecpar.getCodedSideData(AV.PKT_DATA_DISPLAYMATRIX));
  const chain = new FilterChain(input.binding, input.file, "video", stream, [...filters, compareFilter(comparedSize(video.displayed))].join(","));
  const decoder = input.decoder(stream, threads);
  const meter = new DifferenceMeter();
  const keys = over === "keyframes";
  const take = (frame: AvFrame, pts: number): void => {
    if (Number.isNaN(pts)) return;
    const picture = chain.convert(frame);
    if (picture) meter.push(pts, picture);
    onPts(pts);
  };
  try {
    if (!keys) decoder.skipUnreferenced(true);
    for (let p = await input.read(signal); p; p = await input.read(signal)) {
      if (p.streamIndex === stream.index && (!keys || p.isKeyframe)) await decoder.decode(p, take);
    }
    await decoder.decode(null, take);
  } finally {
    decoder.close();
    chain.close();
  }
  return meter.result;
}
