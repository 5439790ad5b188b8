/** From WebVTT cue text to plain text (WebVTT, section 6.4: cue text tokenizer). */

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  lrm: "\u200e",
  rlm: "\u200f",
};

/** Text without tags and entities; lines are joined by "\n". A `<` that is never closed stays. */
export function plainCueText(lines: readonly { readonly text: string }[]): string {
  const markup = lines.map((line) => line.text).join("\n");
  return withoutTags(markup).replace(/&(amp|lt|gt|quot|apos|nbsp|lrm|rlm);/g, (_, name: string) => ENTITIES[name] ?? "");
}

/** The speaker of the first `<v Name>`; undefined without. */
export function cueVoice(lines: readonly { readonly text: string }[]): string | undefined {
  for (const line of lines) {
    const open = line.text.search(/<v[.\s]/);
    if (open === -1) continue;
    const close = line.text.indexOf(">", open);
    if (close === -1) return undefined;
    const name = line.text.slice(open + 2, close).replace(/^\S*/, "").trim();
    return name === "" ? undefined : name;
  }
  return undefined;
}

// By hand, because a pattern would look for the missing ">" again from every "<".
function withoutTags(text: string): string {
  let out = "";
  let at = 0;
  for (;;) {
    const open = text.indexOf("<", at);
    const close = open === -1 ? -1 : text.indexOf(">", open);
    if (close === -1) return out + text.slice(at);
    out += text.slice(at, open);
    at = close + 1;
  }
}
