import assert from "node:assert/strict";
import { TextDocument } from "vscode-languageserver-textdocument";
import { PROBLEM_CODES } from "../../../server/src/format/index.js";
import { HEADER_KEYS, STARTERS } from "../../../server/src/language/vocabulary.js";
import { GERMAN } from "../../../server/src/language/locale/de/features.js";
import { sayIn } from "../../../server/src/language/locale/phrases.js";
import { createLanguageService, localised, sayFor } from "../../../server/src/language/service.js";
import { marked, RUN, service } from "./support.js";

const places = (text: string): string[] => [...new Set(text.match(/\{\d/g))].sort();
const german = localised(createLanguageService(), () => sayFor("de-AT"));
const document = (text: string, name = "a.vqa", language = "vqa"): TextDocument => TextDocument.create(`file:///${name}`, language, 1, text);

/** Texts that have all problems of syntax and of the whole. */
const BROKEN = [
  "",
  "Q: no header\n",
  "VQA\nvideo: a\n\nQ: a\n",
  "VQA 7\nvideo: a\n\nQ: a\n",
  "VQA 1\nno pair\n\nQ: a\n",
  "VQA 1\nvideo: a\nQ: right below\n",
  "VQA 1\nmodel: a\nmodel: b\nsampling: x\ncontext: y\n\nQ: a\n",
  "VQA 1\nvideo: a\n\nQ a: one\n\nQ a: two\n\nQ:\n\nQ b: c\n  - [x] one\n  - [x] one\n  - [ ]\n\nQ d: e\n  - [ ] alone\n",
  "VQA 1\nvideo: a\n\nVQA 1\n\nwhat is this\n\n  - [ ] nowhere\n\nQ broken\n\nA broken\n\nM broken\n\nRUN broken here\n",
  "VQA 1\nvideo: a\n\n00:00:01,000 --> 00:00:02,000\nx\n\n00:00:01.0 -> x\n\n00:00:05.000 --> 00:00:02.000\nx\n\nQ\n00:00:01.000 --> 00:00:02.000\nQ: text\n\n@ 00:09..00:02 back\n\n@ x..y\n",
  "VQA 1\nvideo: a\n\n# part\n\nA: orphan\n\nQ: a\nM 00000000 0123456789ab: b\nM zz 1: c\n",
  `VQA 1\nvideo: a\n\nQ: a\n\n${RUN}\n\n${RUN}\n\n${RUN.replace("=0", "=1")}`,
  `VQA 1\nvideo: a\n\n${"what is this\n\n".repeat(3000)}`,
];

describe("another language", () => {
  it("has the same places in every phrase, and no phrase that is empty", () => {
    for (const [english, said] of Object.entries(GERMAN)) {
      assert.notEqual(said.trim(), "");
      assert.deepEqual(places(said), places(english), english);
    }
  });

  it("says the user's own words as they are", () => {
    const say = sayFor("de");
    assert.equal(say("Another question is called `a. (b) $1`."), "Eine andere Frage heißt `a. (b) $1`.");
    assert.equal(say("nobody has translated this"), "nobody has translated this");
    assert.equal(sayIn({ "{0}!": "{0}?", "{0} {1}!": "{1} {0}?" })("a b!"), "b a?", "the more particular one wins");
    for (const locale of [undefined, "", "en", "en-US", "xx"]) assert.equal(sayFor(locale)("Ask"), "Ask");
  });

  it("has a phrase for every problem of a notebook", () => {
    const seen = new Set<string>();
    for (const text of BROKEN) {
      const [there, here] = [service().diagnostics(document(text)), german.diagnostics(document(text))];
      assert.equal(here.length, there.length);
      here.forEach(({ message, code }, i) => {
        assert.notEqual(message, there[i]?.message, `not in German: ${String(there[i]?.message)}`);
        seen.add(String(code));
      });
    }
    assert.deepEqual(PROBLEM_CODES.filter((code) => !seen.has(code)), [], "problems that no text of this test has");
  });

  it("has a phrase for what subtitles are checked for", () => {
    const text = "00:00:01,000 --> 00:00:01,100\none two three four five six seven eight nine ten eleven\na\nb\n\n00:00:01,050 --> 00:00:01,050\nx\n\n00:00:03,000 --> 00:00:20,000\nx\n\n00:00:20,010 --> 00:00:19,000\nx\n\n00:00:20,010 --> 00:00:22,000\nx\n";
    const file = document(text, "a.srt", "subrip");
    const [there, here] = [service().diagnostics(file), german.diagnostics(file)];
    assert.ok(new Set(here.map(({ code }) => code)).size >= 7, here.map(({ code }) => code).join(" "));
    here.forEach(({ message }, i) => assert.notEqual(message, there[i]?.message));
  });

  it("writes numbers as the language does, and the user's own words as they are", () => {
    const messages = (locale: string): unknown[] => localised(createLanguageService(), () => sayFor(locale)).diagnostics(document("00:00:01,000 --> 00:00:13,500\nx\n\n00:00:14,000 --> 00:00:14,900\na 1.5 and one two three four\n", "a.srt", "subrip")).map(({ message }) => message);
    assert.deepEqual(messages("de"), ["12,5 s sind lang; höchstens 7 s.", "28 Zeichen, 31,2 in der Sekunde; höchstens 20 in der Sekunde."]);
    assert.deepEqual(messages("DE_ch"), ["12.5 s sind lang; höchstens 7 s.", "28 Zeichen, 31.2 in der Sekunde; höchstens 20 in der Sekunde."]);
    assert.equal(sayIn({ "{0}: {1}": "{0}: {1:number}" }, "not a tag")("a 1.5: 1.5 GB"), "a 1.5: 1.5 GB");
    assert.equal(sayIn({ "{0}: {1}": "{0}: {1:number}" }, "de")("a 1.5: 1.5 GB"), "a 1.5: 1,5 GB");
  });

  it("has a phrase for each lens, hint, hover, fix and offer", async () => {
    const text = `VQA 1\nvideo: a.mp4\n\n@ 00:04..00:12 butter\n\nQ q1: a\n  - [ ] b\n  - [x] c\nM dbf3dd46 0123456789ab: c\n\nQ q1: d\n\n${RUN}`;
    const { document: notebook } = marked(text);
    const commands = new Set(["vqa.ask", "vqa.play", "vqa.acceptAnswer", "vqa.rejectAnswer"]);
    const titles = (await german.codeLenses(notebook, commands)).map(({ command }) => command?.title);
    assert.deepEqual([...new Set(titles)].sort(), ["Abspielen", "Alle stellen", "Erneut fragen", "Fragen", "Neue und veraltete stellen"].concat(titles.includes("Annehmen") ? ["Annehmen", "Verwerfen"] : []).sort());
    const whole = { start: { line: 0, character: 0 }, end: notebook.positionAt(text.length) };
    assert.equal(german.inlayHints(notebook, whole)[0]?.tooltip, "Der Bereich des Abschnitts darüber: butter");
    assert.ok((await german.codeActions(notebook, whole, { commands })).some(({ title }) => title === "Umbenennen in q2"));
    for (const markdown of [true, false]) {
      const about = async (needle: string): Promise<string> => ((await german.hover(notebook, notebook.positionAt(text.indexOf(needle)), { markdown }))?.contents as { value: string }).value;
      assert.match(await about("q1: a"), /Frage q1[^]*Zu 00:00:04\.000\.\.00:00:12\.000, vom Abschnitt „butter“ in Zeile 4\.[^]*2 Auswahlantworten, 1 als richtig markiert\.[^]*1 Antwort von Modellen, 1 richtig\./);
      assert.match(await about("0123456789ab: c"), /Vermerk ihres Laufs ist unversehrt\.[^]*die Menschen gegeben haben/);
      assert.match(await about("dbf3dd46\n"), /1 Antwort verweist auf diesen Lauf\./);
      assert.match(await about("video:"), /Das Video, um das es in den Fragen geht/);
    }
    const say = sayFor("de");
    for (const { help } of HEADER_KEYS) assert.notEqual(say(help), help, help);
    for (const { detail } of STARTERS) assert.notEqual(say(detail), detail, detail);
  });
});
