/** Subtitles with more layout than a notebook holds: read, not written. */
import { readAss } from "./assFile.js";
import type { ImportFormat } from "./format.js";
import { readCueFiles } from "./readCueFiles.js";
import { looksLikeTtml, readTtml } from "./ttmlFile.js";

export const ASS: ImportFormat = {
  name: "ass",
  title: "Advanced SubStation Alpha and SSA subtitles (read only)",
  extension: ".ass",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  recognises: ({ text }) => /^\s*(?:;[^\n]*\n\s*)*\[(?:Script Info|V4\+? Styles|Events)\]/i.test(text),
  read: (sources, losses) => readCueFiles(sources, readAss, (markup) => markup, losses),
};

export const TTML: ImportFormat = {
  name: "ttml",
  title: "Timed Text (TTML, DFXP, IMSC, EBU-TT-D) subtitles (read only)",
  extension: ".ttml",
  parts: [""],
  oneVideo: true,
  isDataset: false,
  recognises: ({ text }) => looksLikeTtml(text),
  read: (sources, losses) => readCueFiles(sources, readTtml, (markup) => markup, losses),
};
