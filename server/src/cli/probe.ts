import type { MediaInfo } from "../engine/ports.js";
import { formatTime } from "../format/index.js";
import { columns, type CommandSpec } from "./args.js";
import { JSON_OPTION, onlyPath, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

export const PROBE: CommandSpec = {
  name: "probe",
  arguments: "<video> [options]",
  summary: "Tells what is in a video file: length, streams, subtitles, digest.",
  options: { ...JSON_OPTION },
};

export async function probe({ args, terminal, signal }: Invocation): Promise<number> {
  const path = onlyPath(args, "video");
  const media = await withSupervisor(args, (supervisor) => supervisor.probe(path, signal));
  if (args.flag("json")) json(terminal.out, media);
  else line(terminal.out, describe(media));
  return EXIT.ok;
}

function describe(media: MediaInfo): string {
  const { video, audio, subtitles, warnings } = media;
  const rows: [string, string][] = [
    ["file", media.path],
    ["size", `${media.bytes} bytes`],
    ["sha256", media.digest],
    ["container", media.container],
    ["duration", formatTime(media.durationMs)],
  ];
  if (video === undefined) rows.push(["video", "none"]);
  else {
    const rate = (video.frameRate.num / video.frameRate.den).toFixed(3).replace(/\.?0+$/, "");
    const turned = video.rotation === 0 ? "" : `, turned by ${video.rotation} degrees`;
    rows.push(["video", `${video.codec}, ${video.width} x ${video.height}, ${rate} frames a second${turned}`]);
  }
  for (const each of audio) rows.push(["audio", `${each.codec}, ${each.sampleRate} Hz, ${each.channels} channels${language(each)}`]);
  for (const each of subtitles) rows.push(["subtitles", `${each.codec}${language(each)}${each.title === undefined ? "" : `, "${each.title}"`}`]);
  for (const warning of warnings) rows.push(["warning", warning]);
  return columns(rows);
}

function language(stream: { readonly language?: string }): string {
  return stream.language === undefined ? "" : `, ${stream.language}`;
}
