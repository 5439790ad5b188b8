/** Names that a program may take for something else than a name. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { REFUSED, type HostileCase } from "../case.js";

/** With a file that would be opened if the name were read as a pattern or as a list. */
const ODD: readonly (readonly [name: string, lure?: string])[] = [
  ["-i.mp4"],
  ["-version"],
  ["-y -f null -.mp4"],
  ["--help"],
  ["%d.mp4", "1.mp4"],
  ["%03d.mp4", "001.mp4"],
  ["%s%n%x.mp4"],
  ["*.mp4", "a.mp4"],
  ["[ab].mp4", "a.mp4"],
  ["a.mp4|b.mp4", "a.mp4"],
  ["concat:a.mp4|b.mp4", "a.mp4"],
  ["file:a.mp4", "a.mp4"],
  ["pipe:0"],
  ["fd:0"],
  ["data:video,x"],
  ["http:a.mp4", "a.mp4"],
  ["crypto:a.mp4", "a.mp4"],
  ["cache:a.mp4", "a.mp4"],
  ["async:a.mp4", "a.mp4"],
  ["subfile,,start,0,end,9,,:a.mp4", "a.mp4"],
  ["tee:[f=null]a.mp4"],
  ["a.mp4?listen=1", "a.mp4"],
  ["a.mp4#t=1", "a.mp4"],
  ["a,b=c:d'e\"f.mp4"],
  ["$(touch pwned).mp4"],
  ["`touch pwned`; touch pwned & .mp4"],
  ["%PATH%!x!^&.mp4"],
  [" leading and trailing .mp4 "],
  ["..."],
  ["\u202e4pm.exe"],
  ["\u{1f3ac} \u0444\u0438\u043b\u044c\u043c \u96fb\u5f71.mp4"],
  [`${"x".repeat(251)}.mp4`],
];

const shown = (name: string): string => (name.length > 40 ? `${name.slice(0, 8)}\u2026 (${name.length} characters)` : name).replace("\u202e", "U+202E ").replaceAll("|", "\\|").replaceAll("`", "'");

const CONTROL: readonly (readonly [what: string, name: string])[] = [
  ["a line break", "a\nb.mp4"],
  ["a carriage return", "a\rb.mp4"],
  ["a tab", "a\tb.mp4"],
  ["an escape sequence", "a\u001b[2Jb.mp4"],
  ["DEL", "a\u007fb.mp4"],
];

const posix = process.platform !== "win32";

export const NAMES: readonly HostileCase[] = [
  ...ODD.map(
    ([name, lure]): HostileCase => ({
      kind: "name",
      name: shown(name),
      make: (ground) => {
        if (!posix && /[<>:"/\\|?*%]|[ .]$/.test(name)) return undefined;
        const path = join(ground.folder, name);
        if (lure !== undefined) ground.lure(lure);
        writeFileSync(path, ground.film);
        return path;
      },
      expect: "itself",
    }),
  ),
  ...CONTROL.map(
    ([what, name]): HostileCase => ({
      kind: "name",
      name: `${what} in the name`,
      make: ({ folder, film }) => {
        if (!posix) return undefined;
        const path = join(folder, name);
        writeFileSync(path, film);
        return path;
      },
      expect: REFUSED,
    }),
  ),
  { kind: "name", name: "NUL in the name", make: ({ lure }) => `${lure("a.mp4")}\0.mp4`, expect: REFUSED },
  { kind: "name", name: "an http: address for a path", make: ({ address }) => `${address}/a.mp4`, expect: ["video-not-found"] },
  { kind: "name", name: "a list of protocols for a path", make: ({ lure }) => `concat:${lure("a.mp4")}|${lure("b.mp4")}`, expect: ["video-not-found"] },
];
