import type { Range, TextEdit } from "../../format/index.js";
import { cuesIn, type Captions } from "./cues.js";

/**
 * Counts the cues that `part` touches, of all without it, on from the one before them. In SubRip every
 * cue gets its counter; elsewhere only ids that are numbers are touched, since others are names.
 */
export function renumberCues(captions: Captions, part: Range | undefined): TextEdit[] {
  const { cues, syntax, eol } = captions;
  const chosen = cuesIn(captions, part);
  const counts = syntax === "srt" ? cues : cues.filter(({ id }) => isNumber(id?.text));
  const first = counts.find((cue) => chosen.includes(cue));
  const above = first === undefined ? undefined : counts[counts.indexOf(first) - 1];
  let next = isNumber(above?.id?.text) ? Number(above?.id?.text) + 1 : 1;
  return chosen.flatMap((cue): TextEdit[] => {
    if (syntax !== "srt" && !isNumber(cue.id?.text)) return [];
    const number = String(next++);
    if (cue.id === undefined) return [{ start: cue.start, end: cue.start, newText: `${number}${eol}` }];
    return cue.id.text === number ? [] : [{ start: cue.id.start, end: cue.id.end, newText: number }];
  });
}

function isNumber(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,15}$/.test(text.trim());
}
