/** Times of Timed Text (W3C TTML 2, sections 7.2.4 to 7.2.12 and 12.3.1). */

export interface Clock {
  /** Frames a second as they are counted, and as they pass. */
  readonly counted: number;
  readonly frames: number;
  readonly subFrames: number;
  readonly ticks: number;
  /** Hours, minutes and seconds count frames too: a clock of 29.97 frames a second runs slow. */
  readonly smpte: boolean;
  /** The minute's numbers that such a clock leaves out. */
  readonly drop: "dropNTSC" | "dropPAL" | "nonDrop";
}

/** @param attribute a value of the root element by its name without prefix */
export function clockOf(attribute: (name: string) => string | undefined): Clock {
  const number = (name: string): number | undefined => {
    const value = Number(attribute(name));
    return value > 0 ? value : undefined;
  };
  const [num = 1, den = 1] = (attribute("frameRateMultiplier") ?? "1 1").trim().split(/[\s:]+/).map(Number);
  const frameRate = number("frameRate");
  const counted = frameRate ?? 30;
  const frames = counted * (num > 0 && den > 0 ? num / den : 1);
  const subFrames = number("subFrameRate") ?? 1;
  const drop = attribute("dropMode");
  return {
    counted,
    frames,
    subFrames,
    ticks: number("tickRate") ?? (frameRate === undefined ? 1 : frames * subFrames),
    smpte: attribute("timeBase") === "smpte",
    drop: drop === "dropNTSC" || drop === "dropPAL" ? drop : "nonDrop",
  };
}

/** Clock times with a fraction or frames, and counts of hours, minutes, seconds, milliseconds, frames or ticks; ms. */
export function timeOf(text: string, clock: Clock): number | undefined {
  const { counted, frames, subFrames, ticks, smpte } = clock;
  const match = /^\s*(\d{2,}):(\d\d):(\d\d)(?:(\.\d+)|:(\d{2,})(?:\.(\d+))?)?\s*$/.exec(text);
  if (match) {
    const [, h, m, s, fraction, frame, sub] = match;
    const seconds = Number(h) * 3600 + Number(m) * 60 + Number(s);
    const beyond = Number(frame ?? 0) + Number(sub ?? 0) / subFrames;
    if (smpte && fraction === undefined) return ((seconds * counted + beyond - dropped(Number(h), Number(m), clock)) * 1000) / frames;
    return (seconds + Number(fraction ?? 0) + beyond / frames) * 1000;
  }
  const count = /^\s*(\d+(?:\.\d+)?)(h|ms|m|s|f|t)\s*$/.exec(text);
  if (!count) return undefined;
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, f: 1000 / frames, t: 1000 / ticks };
  return Number(count[1]) * units[count[2]!]!;
}

/** Numbers left out up to a time: two a minute but every tenth (NTSC), four every second minute but every twentieth (PAL-M). */
function dropped(h: number, m: number, { drop }: Clock): number {
  if (drop === "dropNTSC") return (h * 54 + m - Math.floor(m / 10)) * 2;
  if (drop === "dropPAL") return (h * 27 + Math.floor(m / 2) - Math.floor(m / 20)) * 4;
  return 0;
}
