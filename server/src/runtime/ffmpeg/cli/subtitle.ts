import type { SubtitleStreamInfo } from "../../../engine/ports.js";
import type { SubtitleText } from "../decoder.js";
import { decoderFailed, limitExceeded } from "../errors.js";
import type { CheckedFile } from "../file.js";
import { textFormOf } from "../subtitles/codecs.js";
import { QUIET, inputArgs } from "./args.js";
import type { FfmpegProgram } from "./program.js";

/** Copies a stream out as text; only forms without a text file of their own are converted to SRT. */
export async function subtitle(ffmpeg: FfmpegProgram, file: CheckedFile, stream: SubtitleStreamInfo, signal?: AbortSignal): Promise<SubtitleText> {
  const format = textFormOf(stream.codec);
  const copied = ["subrip", "srt", "webvtt", "ass", "ssa"].includes(stream.codec);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const args = [
    ...QUIET, "-loglevel", "error", "-copyts", ...inputArgs(file, ffmpeg.limits),
    // By number and not optional: a stream that is not there is an error, not another stream.
    "-map", `0:${stream.index}`,
    "-c:s", copied ? "copy" : "srt",
    "-f", format === "vtt" ? "webvtt" : format, "pipe:1",
  ];
  const result = await ffmpeg.run(
    {
      args,
      onStdout: (chunk) => {
        bytes += chunk.length;
        if (bytes > ffmpeg.limits.maxSubtitleBytes) throw limitExceeded(file.path, "its subtitles are larger than the limit");
        chunks.push(chunk);
      },
    },
    signal,
  );
  if (result.code !== 0 && bytes === 0) throw decoderFailed(file.path, `subtitle stream ${stream.index} did not come out`, result.tail);
  return { format, text: Buffer.concat(chunks).toString("utf8"), ...(result.code !== 0 ? { damaged: true } : {}) };
}
