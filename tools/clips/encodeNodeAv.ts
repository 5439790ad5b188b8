/** The encoder for machines without an ffmpeg program: x264 inside the optional package node-av. */
import type { Scene } from "./scene.js";

type Encode = (scene: Pick<Scene, "width" | "height" | "fps">, pictures: Iterable<Uint8Array>, path: string, crf: number) => Promise<void>;

/** Undefined when node-av is not installed. What it returns fails with what its FFmpeg says. */
export async function nodeAvEncoder(): Promise<Encode | undefined> {
  const parts = await Promise.all([import("node-av/api"), import("node-av/lib"), import("node-av/constants")]).catch(() => undefined);
  if (parts === undefined) return undefined;
  const [{ Encoder, FilterAPI, Muxer, pipeline }, { Frame, Log }, { AV_LOG_ERROR, AV_PIX_FMT_RGB24, FF_ENCODER_LIBX264 }] = parts;

  Log.setLevel(AV_LOG_ERROR);
  return async (scene, pictures, path, crf) => {
    const { width, height } = scene;
    // Half frames a second exist (12.5): time is counted in halves.
    const timeBase = { num: 2, den: scene.fps * 2 };
    async function* frames(): AsyncGenerator<InstanceType<typeof Frame> | null> {
      let pts = 0n;
      for (const rgb of pictures) {
        const frame = Frame.fromVideoBuffer(Buffer.from(rgb), { width, height, format: AV_PIX_FMT_RGB24, timeBase });
        frame.pts = pts++;
        frame.duration = 1n;
        yield frame;
      }
      // The end: what the encoder still holds back comes out.
      yield null;
    }
    using filter = FilterAPI.create("scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int,format=yuv420p");
    using encoder = await Encoder.create(FF_ENCODER_LIBX264, { filter, options: { preset: "veryfast", crf }, context: { threadCount: 1 } });
    await using output = await Muxer.open(path);
    await pipeline(frames(), filter, encoder, output).completion;
  };
}
