import type { SubtitleStreamInfo } from "../../../engine/ports.js";
import type { SubtitleText } from "../decoder.js";
import { decoderFailed, limitExceeded } from "../errors.js";
import type { MediaLimits } from "../limits.js";
import { textFormOf } from "../subtitles/codecs.js";
import { ticksToMs } from "../timeline.js";
import { AV } from "./binding.js";
import type { Input } from "./input.js";

/** Rebuilds the text file of a subtitle stream from its packets. @param input just opened */
export async function subtitle(input: Input, limits: MediaLimits, stream: SubtitleStreamInfo, signal?: AbortSignal): Promise<SubtitleText> {
  const found = input.format.streams[stream.index];
  if (found?.codecpar.codecType !== AV.MEDIA_SUBTITLE) throw decoderFailed(input.file.path, `stream ${stream.index} holds no subtitles`);
  input.only(stream.index);
  const format = textFormOf(stream.codec);
  // The header of an ASS stream ends with the format line of its events.
  const parts = format === "vtt" ? ["WEBVTT\n"] : format === "ass" ? [found.codecpar.extradata?.toString("utf8") ?? ""] : [];
  let bytes = 0;
  for (let p = await input.read(signal); p; p = await input.read(signal)) {
    if (p.streamIndex !== stream.index || !p.data || p.pts === AV.NOPTS) continue;
    bytes += p.data.length;
    if (bytes > limits.maxSubtitleBytes) throw limitExceeded(input.file.path, "its subtitles are larger than the limit");
    const start = ticksToMs(Number(p.pts), found.timeBase);
    const end = start + ticksToMs(Number(p.duration), found.timeBase);
    const text = stream.codec === "mov_text" ? movText(p.data) : p.data.toString("utf8");
    // Each packet is a document of its own, with times of the film (ISO/IEC 14496-30).
    if (format === "ttml") parts.push(text);
    else if (format === "ass") parts.push(assLine(text, start, end));
    else if (text.trim() !== "") parts.push(`${stamp(start)} --> ${stamp(end)}\n${text.trim()}\n`);
  }
  return { format, text: parts.join("\n") };
}

/** 3GPP timed text: a 16-bit length, the text, then boxes with styles. */
function movText(data: Buffer): string {
  if (data.length < 2) return "";
  return data.subarray(2, 2 + data.readUInt16BE(0)).toString("utf8").replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/** Matroska stores an event as "ReadOrder, Layer, Style, ...": the times are the packet's. */
function assLine(event: string, start: number, end: number): string {
  const fields = event.split(",");
  return `Dialogue: ${fields[1] ?? 0},${stamp(start)},${stamp(end)},${fields.slice(2).join(",")}`;
}

/** h:mm:ss.mmm, which the readers of all three forms take. */
function stamp(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  const pad = (n: number, digits: number): string => String(n).padStart(digits, "0");
  return `${pad(Math.floor(whole / 3_600_000), 2)}:${pad(Math.floor(whole / 60_000) % 60, 2)}:${pad(Math.floor(whole / 1000) % 60, 2)}.${pad(whole % 1000, 3)}`;
}
