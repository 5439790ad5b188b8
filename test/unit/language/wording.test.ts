import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVER } from "../../../server/src/language/locale/de/index.js";
import { tellIn, type Phrases } from "../../../server/src/language/locale/phrases.js";
import { wordsIn } from "../../../server/src/language/locale/server.js";
import { repoRoot } from "../../support/repo.js";
import { readSources, type Said } from "../../support/wording/said.js";

/** What an editor starts: the server, and by way of it the worker and its helpers. The command line stays English. */
const ENTRIES = ["main.ts"];

/** Lists and reasons that are joined when the program runs, which the sources do not hold as sentences. */
const JOINED = ["{0}: {1}", "{0}: {1}; {2}: {3}", "{0} cannot take visual slots: {1} ({2})."];

/** What may stand in a place: nothing that could be a word of ours, and names as files have them. */
const FILLERS: readonly ((place: number) => string)[] = [(place) => `⟦${place}⟧`, (place) => `7 ${place} - (${place}).1`];

/** In such a place stands what another error or a helper said, which may be words of ours. */
const RELAYED = /\.message$|^(why|how|reason|detail|problem)\b|\.(why|how)$/;

/** In such a place stands a number that may have a fraction. */
const FRACTION = /^(size|seconds|gigabytes|toFixed)\(|\.toFixed\(|^(rate|fps)$/;

const filled = ({ template }: Pick<Said, "template">, filler: (place: number) => string): { readonly text: string; readonly places: readonly string[] } => {
  const places: string[] = [];
  const put = (): string => places[places.push(filler(places.length)) - 1] ?? "";
  return { text: template.map((piece) => (typeof piece === "string" ? piece : put())).join(""), places };
};

/** What is wrong with how the phrases say it; undefined when all of it is in the other language. */
function fault(phrases: Phrases, said: Pick<Said, "template" | "text">, used = new Set<string>(), tell = tellIn(phrases)): string | undefined {
  for (const filler of FILLERS) {
    const { text, places } = filled(said, filler);
    const told = tell(text);
    told.phrases.forEach((key) => used.add(key));
    if (told.phrases.length === 0) return "has no phrase";
    if (Object.hasOwn(phrases, said.text) && told.phrases[0] !== said.text) return `is taken for "${told.phrases[0]}"`;
    const [lost] = places.filter((one) => !told.text.includes(one));
    if (lost !== undefined) return `loses a place: "${told.text}"`;
    const [left] = told.kept.map((one) => places.reduce((rest, place) => rest.replaceAll(place, ""), one)).filter((one) => /\p{L}{2}/u.test(one));
    if (left !== undefined) return `leaves "${left}" as it is`;
  }
  return undefined;
}

describe("what the server says to people", function () {
  this.timeout(60_000);
  let said: readonly Said[] = [];
  let reached: ReadonlySet<string> = new Set();
  before(() => {
    const found = readSources(repoRoot, ENTRIES);
    const folder = join(repoRoot, "server", "models", "catalogue");
    const summaries = readdirSync(folder).map((file) => (JSON.parse(readFileSync(join(folder, file), "utf8")) as { summary: string }).summary);
    reached = found.reached;
    said = [...found.said, ...summaries.map((text) => ({ text, template: [text], file: "models/catalogue", as: "summary" }))];
  });

  it("is found in the sources, with the words of helpers that build it", () => {
    const found = new Set(said.map(({ text, file, as }) => JSON.stringify([text, file, as])));
    const has = (...one: readonly [text: string, file: string, as: string]): void => assert.ok(found.has(JSON.stringify(one)), one.join(", "));
    has("There is no file {0}.", "runtime/ffmpeg/errors.ts", "VqaError.message");
    has("{0} cannot be read as a video: it is a text file.", "runtime/ffmpeg/errors.ts", "VqaError.message");
    has("Name {0}.", "runtime/llama/split.ts", "VqaError.next");
    has("{0} is not UTF-8 text.", "format/bytes.ts", "FormatError.message");
    has("Answered without sound: {0}.", "engine/watch.ts", "notes");
    has("There is only silence on the sound track.", "runtime/speech/source.ts", "warnings");
    has("looking at it ended the process ({0})", "runtime/hardware/examine.ts", "why");
    has("subtitle", "format/convert/losses.ts", "LOSSES");
    for (const file of ["runtime/worker/entry.ts", "runtime/hardware/examiner.ts", "runtime/ffmpeg/nodeav/child.ts"]) assert.ok(reached.has(file), `${file} is not looked at`);
    assert.deepEqual([...reached].filter((file) => file.startsWith("cli")), []);
    assert.ok(said.length > 700, `only ${said.length} were found`);
  });

  it("is there in German, whole and unmistakable, and no phrase is left over", () => {
    const used = new Set<string>(JOINED);
    const faults = new Set<string>();
    const tell = tellIn(SERVER);
    for (const one of said) {
      const wrong = fault(SERVER, one, used, tell);
      if (wrong !== undefined) faults.add(`${one.file}, ${one.as}: "${one.text}" ${wrong}`);
    }
    assert.deepEqual([...faults], []);
    assert.deepEqual(Object.keys(SERVER).filter((key) => !used.has(key)), [], "German for what nobody says any more");
  });

  it("says anew what another error or a helper said", () => {
    const verbatim = said.flatMap(({ text, template }) => {
      const german = SERVER[text];
      const places = template.filter((piece) => typeof piece !== "string");
      return german === undefined ? [] : places.filter(({ source }, i) => RELAYED.test(source) && !german.includes(`{${i}:say}`)).map(({ source }) => `${source} in "${text}"`);
    });
    assert.deepEqual(verbatim, []);
  });

  it("writes sizes and times as the language writes numbers", () => {
    let found = 0;
    const english = said.flatMap(({ text, template }) => {
      const german = SERVER[text];
      const places = template.filter((piece) => typeof piece !== "string");
      return places.flatMap(({ source }, i) => {
        if (german === undefined || !FRACTION.test(source)) return [];
        found++;
        return german.includes(`{${i}:number}`) ? [] : [`${source} in "${text}"`];
      });
    });
    assert.deepEqual(english, []);
    assert.ok(found >= 15, `only ${found} were found`);
    const [rich, swiss] = [wordsIn("de"), wordsIn("de-CH")];
    const refused = "big-1.5 would take 12.3 GB of memory (weights 11.0 GB, context of 4096 positions 900 MB, encoders 400 MB), and 8.5 GB are free, of which 1.0 GB stay for others.";
    assert.equal(rich(refused), "big-1.5 bräuchte 12,3 GB Speicher (Gewichte 11,0 GB, Kontext von 4096 Positionen 900 MB, Kodierer 400 MB), und 8,5 GB sind frei, wovon 1,0 GB für andere bleiben.");
    assert.ok(swiss(refused).includes("bräuchte 12.3 GB Speicher"));
    assert.equal(rich("clip-2.0.mp4 has no picture at 12.345 s: it lasts 9.000 s."), "clip-2.0.mp4 hat kein Bild bei 12,345 s: Es dauert 9,000 s.");
  });

  it("has the same places in every phrase, and no phrase that is empty", () => {
    for (const [english, german] of Object.entries(SERVER)) {
      assert.notEqual(german.trim(), "");
      const places = (text: string): string[] => [...new Set(text.match(/\{\d/g))].sort();
      assert.deepEqual(places(german), places(english), english);
    }
  });

  it("is English in English, without a language, and in one that nobody has translated to", () => {
    for (const locale of [undefined, "", "en-GB", "fr", "constructor"]) assert.equal(wordsIn(locale)("Stopped."), "Stopped.");
    for (const locale of ["de", "de-AT", "DE_ch"]) assert.equal(wordsIn(locale)("Stopped."), "Angehalten.");
    assert.equal(wordsIn("de")("what another program says"), "what another program says");
  });

  it("is looked at closely enough to see a fault", () => {
    const one = { text: "{0} is empty: {1}.", template: [{ source: "name" }, " is empty: ", { source: "why" }, "."] };
    assert.equal(fault({ "{0} is empty: {1}.": "{0} ist leer: {1}." }, one), undefined);
    assert.match(fault({}, one) ?? "", /has no phrase/);
    assert.match(fault({ "{0} is empty: {1}.": "{0} ist leer." }, one) ?? "", /loses a place/);
    assert.match(fault({ "{0}: {1}.": "{0}: {1}." }, one) ?? "", /leaves " is empty" as it is/);
    const inner = { text: "{0} is empty: it was cut.", template: [{ source: "name" }, " is empty: it was cut."] };
    assert.match(fault({ "{0} is empty: {1}.": "{0} ist leer: {1}." }, inner) ?? "", /leaves "it was cut"/);
    assert.equal(fault({ "{0} is empty: {1}.": "{0} ist leer: {1:say}.", "it was cut": "es wurde gekürzt" }, inner), undefined);
    assert.match(fault({ "{0} is empty: {1}.": "a {0} {1}", "{0} is empty: it {1}": "b {0} {1}" }, { ...one, template: [{ source: "name" }, " is empty: ", "it ", { source: "x" }, "."] }) ?? "", /is taken for "\{0\} is empty: it \{1\}"/);
  });
});
