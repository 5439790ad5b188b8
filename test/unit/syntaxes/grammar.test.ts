import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "../../support/repo.js";

interface Rule {
  readonly match?: string;
  readonly begin?: string;
  readonly end?: string;
  readonly name?: string;
  readonly contentName?: string;
  readonly include?: string;
  readonly captures?: Readonly<Record<string, Rule>>;
  readonly beginCaptures?: Readonly<Record<string, Rule>>;
  readonly patterns?: readonly Rule[];
}

interface Grammar {
  readonly scopeName: string;
  readonly patterns: readonly Rule[];
  readonly repository: Readonly<Record<string, Rule>>;
}

const path = join(repoRoot, "syntaxes/vqa.tmLanguage.json");
const grammar = JSON.parse(readFileSync(path, "utf8")) as Grammar;

/** Every rule, those inside of captures included. */
function rules(rule: Rule): Rule[] {
  const inside = [...(rule.patterns ?? []), ...Object.values(rule.captures ?? {}), ...Object.values(rule.beginCaptures ?? {})];
  return [rule, ...inside.flatMap(rules)];
}
const all = [...grammar.patterns, ...Object.values(grammar.repository)].flatMap(rules);

/** The few things that Oniguruma writes in another way. */
function compile(pattern: string): RegExp {
  return new RegExp(pattern.replace(/\\A/g, "^").replace(/\\x\{FEFF\}/g, "\\uFEFF"), "m");
}

describe("the grammar", () => {
  it("has patterns that compile, and captures that exist", () => {
    let looked = 0;
    for (const { match, begin, end, captures, beginCaptures } of all) {
      for (const pattern of [match, begin, end]) if (pattern !== undefined) looked += compile(pattern).source.length > 0 ? 1 : 0;
      for (const [pattern, numbered] of [[match, captures], [begin, beginCaptures]] as const) {
        if (numbered === undefined) continue;
        assert.ok(pattern !== undefined);
        const groups = (new RegExp(`${compile(pattern).source}|`, "m").exec("")?.length ?? 1) - 1;
        for (const number of Object.keys(numbered)) assert.ok(Number(number) >= 1 && Number(number) <= groups, `${pattern} has no group ${number}`);
      }
    }
    assert.ok(looked > 20);
  });

  it("includes what there is, uses all that there is, and names scopes of its own", () => {
    const included = new Set(all.flatMap(({ include }) => (include === undefined ? [] : [include.slice(1)])));
    assert.deepEqual([...included].sort(), Object.keys(grammar.repository).sort());
    for (const { name, contentName } of all) for (const scope of [name, contentName]) if (scope !== undefined) assert.match(scope, /^[a-z][\w.-]*\.vqa$/);
  });
});

describe("the language configuration", () => {
  const configuration = JSON.parse(readFileSync(join(repoRoot, "syntaxes/language-configuration.json"), "utf8")) as {
    wordPattern: { pattern: string; flags: string };
    onEnterRules: readonly { beforeText: string }[];
  };

  it("takes times and words of any script as words", () => {
    const { pattern, flags } = configuration.wordPattern;
    assert.deepEqual("Q q1 @00:01.500..1:02:03: für l'été 𝄞".match(new RegExp(pattern, `g${flags}`)), ["Q", "q1", "00:01.500", "1:02:03", "für", "l'été"]);
  });

  it("goes on with another choice below a choice with text", () => {
    const rule = new RegExp(configuration.onEnterRules[0]?.beforeText ?? "(?!)");
    assert.ok(rule.test("  - [x] butter") && rule.test("\t- [ ] b"));
    assert.ok(!rule.test("  - [ ] ") && !rule.test("- [ ] x"));
  });
});

interface Tokenizer {
  /** Each piece with its scopes, from the outermost. */
  (text: string): readonly { readonly line: number; readonly text: string; readonly scopes: readonly string[] }[];
}

/** As an editor does it. */
async function tokenizer(): Promise<Tokenizer> {
  // Without their types, which are those of a page: they name what Node does not have.
  const load = async (name: string): Promise<{ default: unknown }> => import(name) as Promise<{ default: unknown }>;
  const [textmate, oniguruma] = [await load("vscode-textmate"), await load("vscode-oniguruma")];
  const { Registry, parseRawGrammar, INITIAL } = textmate.default as {
    Registry: new (options: object) => { loadGrammar(scope: string): Promise<{ tokenizeLine(line: string, state: unknown): { ruleStack: unknown; tokens: { startIndex: number; endIndex: number; scopes: string[] }[] } }> };
    parseRawGrammar: (text: string, path: string) => unknown;
    INITIAL: unknown;
  };
  const { loadWASM, OnigScanner, OnigString } = oniguruma.default as {
    loadWASM: (bytes: ArrayBuffer) => Promise<void>;
    OnigScanner: new (patterns: string[]) => object;
    OnigString: new (text: string) => object;
  };
  const { createRequire } = await import("node:module");
  const bytes = readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm"));
  await loadWASM(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
  const onigLib = Promise.resolve({ createOnigScanner: (patterns: string[]) => new OnigScanner(patterns), createOnigString: (text: string) => new OnigString(text) });
  const registry = new Registry({ onigLib, loadGrammar: () => Promise.resolve(parseRawGrammar(readFileSync(path, "utf8"), path)) });
  const loaded = await registry.loadGrammar(grammar.scopeName);
  return (text) => {
    let state = INITIAL;
    return text.split(/\r\n|\n/).flatMap((line, number) => {
      const { ruleStack, tokens } = loaded.tokenizeLine(line, state);
      state = ruleStack;
      return tokens.map(({ startIndex, endIndex, scopes }) => ({ line: number, text: line.slice(startIndex, endIndex), scopes }));
    });
  };
}

describe("the grammar, in an editor's tokenizer", () => {
  let tokenize: Tokenizer;

  before(async () => {
    tokenize = await tokenizer();
  });

  /** Pieces with their innermost scope; plain text is left out. */
  const named = (text: string): string[] =>
    tokenize(text).flatMap(({ text: piece, scopes }) => {
      const scope = scopes.at(-1)?.replace(/\.vqa$/, "") ?? "";
      return piece.trim() === "" || /^(?:source|meta)\b/.test(scope) ? [] : [`${piece.trim()} ${scope}`];
    });

  it("names the header, to its end", () => {
    assert.deepEqual(named("\ufeffVQA 1\nvideo: a: b.mp4\n\nvideo: c"), [
      "VQA keyword.control.header", "1 constant.numeric.version", "video variable.other.property", ": punctuation.separator.key-value", "a: b.mp4 string.unquoted.value",
    ]);
    assert.deepEqual(named("WEBVTT Title\n00:01.000 --> 00:02.000").slice(0, 3), ["WEBVTT keyword.control.header", "Title string.unquoted.title", "00:01.000 constant.numeric.time"]);
  });

  it("names questions with their choices, to the end of the body", () => {
    assert.deepEqual(named("Q q2 @00:09.5..0:00:21, 01:02: Why: not?\n  Q: quoted\n\n  - [x] to: baste\n  --> 1\nA ann: b"), [
      "Q keyword.control.question", "q2 entity.name.function.question", "@ keyword.operator.scope", "00:09.5 constant.numeric.time", ".. keyword.operator.range", "0:00:21 constant.numeric.time",
      ", punctuation.separator.comma", "01:02 constant.numeric.time", ": punctuation.separator",
      "- punctuation.definition.list.begin", "[ punctuation.definition.choice.begin", "x constant.language.choice", "] punctuation.definition.choice.end", "to: baste string.unquoted.choice",
      "A keyword.control.reference", "ann variable.parameter.author", ": punctuation.separator",
    ]);
    assert.deepEqual(named("Q: a").slice(0, 2), ["Q keyword.control.question", ": punctuation.separator"]);
    assert.deepEqual(named("Q q1:a").slice(0, 3), ["Q keyword.control.question", "q1 entity.name.function.question", ": punctuation.separator"]);
  });

  it("names answers of machines and their records", () => {
    assert.deepEqual(named("M 5f3a9c21 8c1e2f7a0b1d t=812ms at=a:b: (B) so: it is\n  more"), [
      "M keyword.control.model", "5f3a9c21 variable.other.run", "8c1e2f7a0b1d constant.numeric.hex", "t variable.other.property", "= keyword.operator.assignment", "812ms string.unquoted.value",
      "at variable.other.property", "= keyword.operator.assignment", "a:b string.unquoted.value", ": punctuation.separator", "(B) so: it is string.unquoted.answer", "more string.unquoted.answer",
    ]);
    assert.deepEqual(named("RUN 5f3a9c21\n  model.sha256: 77\n\nQ: a").slice(0, 5), ["RUN keyword.control.run", "5f3a9c21 entity.name.run", "model.sha256 variable.other.property", ": punctuation.separator.key-value", "77 string.unquoted.value"]);
  });

  it("names cues, their markup, and what ends them", () => {
    assert.deepEqual(named("00:01.000 --> 00:02.000 line:0\n<v Ann>a &amp; Q: b</v>\n00:03.000 --> 00:04.000\n\nNOTE x"), [
      "00:01.000 constant.numeric.time", "--> keyword.operator.arrow", "00:02.000 constant.numeric.time", "line variable.other.property", ": punctuation.separator.key-value", "0 string.unquoted.value",
      "< punctuation.definition.tag.begin", "v entity.name.tag", "Ann entity.name.type.speaker", "> punctuation.definition.tag.end", "a string.unquoted.cue", "&amp; constant.character.entity", "Q: b string.unquoted.cue",
      "</ punctuation.definition.tag.begin", "v entity.name.tag", "> punctuation.definition.tag.end", "00:03.000 constant.numeric.time", "--> keyword.operator.arrow", "00:04.000 constant.numeric.time",
      "NOTE punctuation.definition.comment", "x comment.block.note",
    ]);
  });

  it("names segments, headings and notes, and nothing in unknown lines", () => {
    assert.deepEqual(named("@ 00:04..00:12 puts: butter"), ["@ keyword.operator.scope", "00:04 constant.numeric.time", ".. keyword.operator.range", "00:12 constant.numeric.time", "puts: butter entity.name.label"]);
    assert.deepEqual(named("## A b"), ["## punctuation.definition.heading", "A b entity.name.section"]);
    assert.deepEqual(named("NOTE a\n  b\n\n  c\nd"), ["NOTE punctuation.definition.comment", "a comment.block.note", "b comment.block.note", "c comment.block.note"]);
    for (const line of ["Quite", "Another", "RUNNING 1", "NOTED", "@home", "#tag", "M x: y", "prose: x"]) assert.deepEqual(named(`\n${line}`), [], line);
  });
});
