/** What is said in a video, as subtitles. */
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { VqaError } from "../engine/errors.js";
import type { Cue, Transcript } from "../engine/ports.js";
import { formatTime, parseScope } from "../format/index.js";
import { printSrt, printVtt } from "../runtime/speech/vtt.js";
import type { CommandSpec } from "./args.js";
import { DEFAULT_MODEL, PACK_OPTIONS, JSON_OPTION, modelOption, onlyPath, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { progressBar } from "./progress.js";
import { json, line } from "./terminal.js";

const FORMATS = ["vtt", "srt", "vqa"] as const;
type Format = (typeof FORMATS)[number];

export const TRANSCRIBE: CommandSpec = {
  name: "transcribe",
  arguments: "<video> [options]",
  summary: "Writes down what is said in a video, as subtitles. Subtitles that it has are not looked at.",
  options: {
    range: { value: "FROM..TO", help: "listen only to this part, such as 00:05..00:10; several with commas" },
    format: { value: FORMATS.join("|"), help: "WebVTT, SubRip, or cues of a notebook (default: by the ending of --output, else vtt)" },
    output: { value: "FILE", help: "where to write it (default: standard output)" },
    language: { value: "CODE", help: "what is spoken, such as en; the model finds out by itself otherwise" },
    ...PACK_OPTIONS,
    ...JSON_OPTION,
  },
  notes: "Without speech nothing is wrong: the file then holds no cue, and why is said on standard error.",
};

export async function transcribe({ args, terminal, signal }: Invocation): Promise<number> {
  const path = onlyPath(args, "video");
  const written = args.text("range");
  const spans = written === undefined ? [] : parseScope(written.trim());
  if (spans === undefined) throw args.usage(`--range is "${written}": write it as 00:05..00:10, or several with commas between.`);
  const output = args.text("output");
  const format = formatOf(args.text("format") ?? /\.(vtt|srt|vqa)$/i.exec(output ?? "")?.[1]?.toLowerCase() ?? "vtt");
  if (format === undefined) throw args.usage(`--format must be one of ${FORMATS.join(", ")}.`);
  const language = args.text("language");
  const asJson = args.flag("json");
  const bar = progressBar(terminal.err, !asJson);
  let transcript: Transcript;
  try {
    transcript = await withSupervisor(args, (supervisor) =>
      supervisor.transcribe(
        { path, model: modelOption(args) ?? DEFAULT_MODEL, spans, languages: language === undefined ? [] : [language] },
        { onProgress: (progress) => bar.show(progress) },
        signal,
      ),
    );
  } finally {
    bar.hide();
  }
  const text = print(transcript, format, basename(path));
  if (output !== undefined) {
    await writeFile(output, text).catch((thrown: unknown) => {
      throw new VqaError("invalid-request", `${output} cannot be written: ${(thrown as Error).message}`, "Choose another file.", { cause: thrown, data: { path: output } });
    });
  }
  if (asJson) json(terminal.out, { video: path, ...transcript });
  else {
    if (output === undefined) terminal.out.write(text);
    for (const warning of transcript.warnings) line(terminal.err, `vqa: ${warning}`);
    line(terminal.err, `vqa: ${transcript.source}, ${transcript.cues.length} cue${transcript.cues.length === 1 ? "" : "s"}`);
  }
  return EXIT.ok;
}

function formatOf(name: string): Format | undefined {
  return FORMATS.find((format) => format === name);
}

function print({ cues, source }: Transcript, format: Format, video: string): string {
  if (format === "srt") return printSrt(cues);
  if (format === "vtt") return printVtt(cues, source);
  return `VQA 1\nvideo: ${video}\n${cues.map(cueBlock).join("")}`;
}

function cueBlock({ startMs, endMs, text }: Cue): string {
  return `\n${formatTime(Math.round(startMs))} --> ${formatTime(Math.round(endMs))}\n${text}\n`;
}
