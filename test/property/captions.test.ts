import assert from "node:assert/strict";
import fc from "fast-check";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatTime, parse, readSrt, readVtt } from "../../server/src/format/index.js";
import { createLanguageService, LanguageError, NETFLIX_ENGLISH } from "../../server/src/language/service.js";
import { applied } from "../unit/language/support.js";

const { captions, ...language } = createLanguageService();

type Kind = "srt" | "vtt" | "vqa";
const open = (kind: Kind, source: string): TextDocument => TextDocument.create(`file:///film.${kind}`, kind, 1, source);

interface Cue {
  readonly startMs: number;
  readonly endMs: number;
  readonly lines: readonly string[];
}

/** Cues as each format's own reader finds them. */
function cuesOf(kind: Kind, source: string): Cue[] {
  const trimmed = (lines: readonly string[]): string[] => lines.map((line) => line.trim()).filter((line) => line !== "");
  if (kind !== "vqa") return (kind === "srt" ? readSrt(source) : readVtt(source)).blocks.flatMap((block) => (block.kind === "cue" ? [{ startMs: block.startMs, endMs: block.endMs, lines: trimmed(block.lines) }] : []));
  return parse(source).blocks.flatMap((block) => (block.kind === "cue" ? [{ startMs: block.startMs, endMs: block.endMs, lines: trimmed(block.lines.map(({ text }) => text)) }] : []));
}

const ms = fc.oneof(fc.nat(20_000), fc.nat(4 * 3_600_000));
const words = fc.array(fc.constantFrom("A man", "says:", "salt", "<i>now</i>", "12", "𝄞 &amp;", "- no"), { minLength: 1, maxLength: 8 }).map((all) => all.join(" "));
const cue = fc.record({ startMs: ms, length: fc.nat(9000), lines: fc.array(words, { maxLength: 3 }) });
const kinds = fc.constantFrom<Kind>("srt", "vtt", "vqa");

/** A text as programs write it, with few or many cues, in order of time or not. */
const film = fc.record({ kind: kinds, cues: fc.array(cue, { minLength: 1, maxLength: 12 }), eol: fc.constantFrom("\n", "\r\n"), end: fc.boolean(), sorted: fc.boolean() }).map(({ kind, cues, eol, end, sorted }) => {
  const time = (value: number): string => (kind === "srt" ? formatTime(value).replace(".", ",") : formatTime(value));
  const ordered = sorted ? [...cues].sort((a, b) => a.startMs - b.startMs) : cues;
  const blocks = ordered.map(({ startMs, length, lines }, i) => [...(kind === "srt" ? [String(i + 1)] : []), `${time(startMs)} --> ${time(startMs + length)}`, ...lines].join(eol));
  const head = { srt: [], vtt: ["WEBVTT"], vqa: [`VQA 1${eol}video: film.mp4`] }[kind];
  return { kind, source: [...head, ...blocks].join(eol + eol) + (end ? eol : "") };
});

const anything = fc.record({
  kind: kinds,
  source: fc.array(fc.constantFrom("1", "WEBVTT", "00:01.000 --> 00:02.5", "0:00:01,5-->0:0:4,25 x", "00:00:05.000 --> 00:00:03.000", "<00:00:02.000>", "Q: x", "", " ", "words and words and words and words and words", "\ufeff", "VQA 1", "NOTE", "00:01 --> x")).map((lines) => lines.join("\n")),
});

describe("subtitles of any text", () => {
  it("are looked at and changed without a fault, by edits that fit", async () => {
    let edited = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, film), fc.integer({ min: -5000, max: 5000 }), async ({ kind, source }, by) => {
        const document = open(kind, source);
        const whole = { start: { line: 0, character: 0 }, end: document.positionAt(source.length) };
        const before = language.diagnostics(document);
        for (const { edit, diagnostics, title } of await language.codeActions(document, whole, { commands: new Set(), diagnostics: [...before] })) {
          const after = applied(document, edit?.changes?.[document.uri]);
          const [code] = (diagnostics ?? []).map((one) => one.code);
          if (code === undefined || !String(code).startsWith("cue-")) continue;
          edited++;
          const count = (text: string): number => language.diagnostics(open(kind, text)).filter((one) => one.code === code).length;
          assert.ok(count(after) < count(source), `${title}: ${String(code)} stays in ${JSON.stringify(after)}`);
          const said = (text: string): string => JSON.stringify(cuesOf(kind, text).flatMap(({ lines }) => lines.join(" ").split(/\s+/)));
          assert.equal(said(after), said(source), `${title} changes words`);
        }
        for (const change of [() => captions.shift(document, undefined, by), () => captions.renumber(document, undefined)]) {
          try {
            applied(document, change());
          } catch (thrown) {
            assert.ok(thrown instanceof LanguageError);
          }
        }
      }),
      { numRuns: 900 },
    );
    assert.ok(edited > 500, `only ${edited} fixes were tried`);
  });
});

describe("all fixes at once", () => {
  const problems = (kind: Kind, source: string): number => language.diagnostics(open(kind, source)).filter(({ code }) => String(code).startsWith("cue-")).length;
  const said = (kind: Kind, source: string): string => cuesOf(kind, source).flatMap(({ lines }) => lines.join(" ").split(/\s+/)).filter((word) => word !== "").join(" ");

  it("leave fewer problems and the same words, in the same order, each about when it was said", async () => {
    let fixed = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(anything, film), async ({ kind, source }) => {
        const document = open(kind, source);
        const top = { line: 0, character: 0 };
        const [action] = await language.codeActions(document, { start: top, end: top }, { commands: new Set(), only: ["source.fixAll.vqa"] });
        if (action === undefined) return;
        fixed++;
        const after = applied(document, action.edit?.changes?.[document.uri]);
        assert.ok(problems(kind, after) < problems(kind, source));
        assert.equal(said(kind, after), said(kind, source));
        const starts = cuesOf(kind, after).map(({ startMs }) => startMs);
        for (const { startMs, endMs } of cuesOf(kind, source)) {
          if (endMs >= startMs) assert.ok(starts.some((ms) => Math.abs(ms - startMs) <= 500), `the cue at ${startMs} went elsewhere`);
        }
      }),
      { numRuns: 400 },
    );
    assert.ok(fixed > 60, `only ${fixed} texts were fixed`);
  });
});

describe("shifting", () => {
  it("moves every time by as much, and back again gives the same bytes", () => {
    fc.assert(
      fc.property(film, fc.nat(10_000_000), ({ kind, source }, by) => {
        const shifted = applied(open(kind, source), captions.shift(open(kind, source), undefined, by));
        assert.deepEqual(cuesOf(kind, shifted), cuesOf(kind, source).map((one) => ({ ...one, startMs: one.startMs + by, endMs: one.endMs + by })));
        assert.equal(applied(open(kind, shifted), captions.shift(open(kind, shifted), undefined, -by)), source);
      }),
    );
  });

  it("of a part leaves the rest byte for byte", () => {
    fc.assert(
      fc.property(film, fc.nat(11), fc.integer({ min: 1, max: 5000 }), ({ kind, source }, n, by) => {
        const before = cuesOf(kind, source);
        const document = open(kind, source);
        const arrows = [...source.matchAll(/-->/g)].map(({ index }) => index);
        const i = n % before.length;
        const place = document.positionAt(arrows[i] ?? 0);
        const after = cuesOf(kind, applied(document, captions.shift(document, { start: place, end: place }, by)));
        assert.deepEqual(after, before.map((one, j) => (i === j ? { ...one, startMs: one.startMs + by, endMs: one.endMs + by } : one)));
      }),
    );
  });
});

describe("stretching", () => {
  const points = fc.tuple(ms, fc.integer({ min: 1, max: 4_000_000 }), ms, fc.integer({ min: 1, max: 4_000_000 }));

  it("meets both points, keeps the order of times, and is undone exactly where it stretched", () => {
    let undone = 0;
    fc.assert(
      fc.property(film, points, ({ kind, source }, [from, length, to, stretched]) => {
        const sync = [{ fromMs: from, toMs: to }, { fromMs: from + length, toMs: to + stretched }] as const;
        let after: string;
        try {
          after = applied(open(kind, source), captions.scale(open(kind, source), undefined, sync));
        } catch (thrown) {
          // Before the video: for points that leave too little room.
          assert.ok(thrown instanceof LanguageError);
          return;
        }
        const times = (text: string): number[] => cuesOf(kind, text).flatMap(({ startMs, endMs }) => [startMs, endMs]);
        const [old, now] = [times(source), times(after)];
        old.forEach((a, i) => {
          const exact = to + ((a - from) * stretched) / length;
          assert.ok(Math.abs((now[i] ?? NaN) - exact) < 0.51, `${a} became ${now[i]}, not ${exact}`);
          old.forEach((b, j) => assert.ok(a > b || (now[i] ?? 0) <= (now[j] ?? 0), "the order stays"));
        });
        if (stretched < length) return;
        undone++;
        const [first, second] = sync;
        const back = [{ fromMs: first.toMs, toMs: first.fromMs }, { fromMs: second.toMs, toMs: second.fromMs }] as const;
        assert.equal(applied(open(kind, after), captions.scale(open(kind, after), undefined, back)), source);
      }),
      { numRuns: 1000 },
    );
    assert.ok(undone > 50, `only ${undone} were undone`);
  });

  it("puts a cue of each point where it belongs", () => {
    fc.assert(
      fc.property(points, ([from, length, to, stretched]) => {
        const text = `${formatTime(from)} --> ${formatTime(from + length)}\nx\n`;
        const document = open("vqa", text);
        const [only] = cuesOf("vqa", applied(document, captions.scale(document, undefined, [{ fromMs: from + length, toMs: to + stretched }, { fromMs: from, toMs: to }])));
        assert.deepEqual([only?.startMs, only?.endMs], [to, to + stretched]);
      }),
    );
  });
});

describe("counting anew", () => {
  it("changes no cue, and a second time nothing", () => {
    fc.assert(
      fc.property(film, ({ kind, source }) => {
        const shuffled = source.replace(/^\d+$/gm, (n) => String((Number(n) * 7) % 10));
        const document = open(kind, shuffled);
        const after = applied(document, captions.renumber(document, undefined));
        assert.equal(cuesOf(kind, after).length, cuesOf(kind, shuffled).length);
        assert.deepEqual(captions.renumber(open(kind, after), undefined), []);
      }),
    );
  });
});

describe("new cues", () => {
  const made = fc.array(fc.record({ startMs: ms, length: fc.integer({ min: 1, max: 9000 }), text: fc.oneof(words, fc.string({ unit: "grapheme" }), fc.constantFrom("a\n\nb", "00:01 --> 00:02", "WEBVTT", "Q: x", "</i>{\\an8}")) }), { minLength: 1, maxLength: 5 });

  it("come to those that are there, which stay byte for byte", () => {
    fc.assert(
      fc.property(film, made, ({ kind, source }, added) => {
        const document = open(kind, source);
        const cues = added.map(({ startMs, length, text }, i) => ({ startMs, endMs: startMs + length, text: `${text} ${i}` }));
        const edits = captions.insert(document, cues, (count) => `${count} --> made`);
        for (const { range, newText } of edits) assert.ok(document.getText(range) === "" || /^\d+$/.test(newText), "lines are added, and counters counted");
        const key = ({ startMs, endMs }: { startMs: number; endMs: number }): string => `${startMs} ${endMs}`;
        const after = cuesOf(kind, applied(document, edits));
        const before = cuesOf(kind, source);
        assert.equal(after.length, before.length + cues.length);
        const rest = [...after];
        for (const old of before) {
          const at = rest.findIndex((one) => JSON.stringify(one) === JSON.stringify(old));
          assert.notEqual(at, -1, `lost: ${JSON.stringify(old)}`);
          rest.splice(at, 1);
        }
        assert.deepEqual(rest.map(key).sort(), cues.map(key).sort());
        assert.ok(rest.every(({ lines }) => lines.length > 0));
        if (kind === "srt") assert.deepEqual(captions.renumber(open(kind, applied(document, edits)), undefined), []);
      }),
      { numRuns: 1000 },
    );
  });

  it("are wanted only where none is, and each for as long as was asked at most", () => {
    fc.assert(
      fc.property(film, ms, fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1000, max: 7000 }), ({ kind, source }, startMs, length, windowMs) => {
        const windows = captions.windows(open(kind, source), [{ startMs, endMs: startMs + length }], windowMs);
        const { minGapMs, minDurationMs } = NETFLIX_ENGLISH;
        windows.forEach((window, i) => {
          assert.ok(window.startMs >= startMs && window.endMs <= startMs + length && window.endMs - window.startMs <= windowMs + 1);
          assert.ok(window.endMs - window.startMs >= minDurationMs);
          assert.ok(window.startMs >= (windows[i - 1]?.endMs ?? -Infinity) + minGapMs);
          for (const one of cuesOf(kind, source)) assert.ok(one.endMs + minGapMs <= window.startMs || window.endMs + minGapMs <= one.startMs, "it collides");
        });
      }),
    );
  });
});
