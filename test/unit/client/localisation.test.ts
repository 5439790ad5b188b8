import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { getL10nJson } from "@vscode/l10n-dev";
import { repoRoot } from "../../support/repo.js";

type Texts = Readonly<Record<string, string>>;

const read = (path: string): string => readFileSync(join(repoRoot, path), "utf8");
const texts = (path: string): Texts => JSON.parse(read(path)) as Texts;

/** Other languages of a table of texts, by their names. */
function translations(folder: string, name: string): readonly (readonly [language: string, texts: Texts])[] {
  const pattern = new RegExp(`^${name.replaceAll(".", "\\.")}\\.([\\w-]+)\\.json$`);
  return readdirSync(join(repoRoot, folder)).flatMap((file) => {
    const language = pattern.exec(file)?.[1];
    return language === undefined ? [] : [[language, texts(join(folder, file))] as const];
  });
}

/** What must be the same in every language: places of values, commands behind links, code. */
function marks(text: string): readonly string[] {
  return [...text.matchAll(/\{\d+\}|\]\(command:[\w.]+\)/g)].map(([mark]) => mark).sort();
}

interface Found {
  readonly path: string;
  readonly value: string;
}

/** All strings below a value of the manifest, with their paths. */
function strings(value: unknown, path = ""): Found[] {
  if (typeof value === "string") return [{ path, value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => strings(inner, path === "" ? key : `${path}/${key}`));
}

const KEY = /^%([\w.-]+)%$/;
/** Read by models or by programs, or the product's own name. */
const NOT_FOR_READERS = /\/(inputSchema|modelDescription|languages\/\d+\/aliases)\b|^contributes\/(viewsContainers|configuration\/title|chatParticipants\/\d+\/(name|fullName)|languageModelTools\/\d+\/name)|\/commands\/\d+\/name$/;
const FOR_READERS = /(^|\/)(title|displayName|description|markdownDescription|enumDescriptions\/\d+|markdownEnumDescriptions\/\d+|userDescription|altText|name|label|placeholder|contents)$/;

const manifest = strings((({ displayName, description, capabilities, contributes }) => ({ displayName, description, capabilities, contributes }))(JSON.parse(read("package.json")) as Record<string, unknown>));

describe("localisation", () => {
  it("keeps the export of the client's texts as it is", async function () {
    this.timeout(20_000);
    const files = readdirSync(join(repoRoot, "client"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const exported = await getL10nJson(files.map((name) => ({ extension: ".ts", contents: read(join("client", name)) })));
    assert.ok(Object.keys(exported).length > 150);
    const sorted = (of: object): object => Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));
    assert.deepEqual(sorted(texts("l10n/bundle.l10n.json")), sorted(exported), "run `npm run l10n`");
  });

  it("writes every text so that the export reads it whole", () => {
    // The exporter reads no escapes but those of quotes.
    for (const [key, text] of Object.entries(texts("l10n/bundle.l10n.json"))) assert.doesNotMatch(key + text, /[\u0080-\u009f\u0200-\u024f]/, text);
  });

  it("has no text for readers in the manifest itself", () => {
    const hard = manifest.filter(({ path, value }) => FOR_READERS.test(path) && !NOT_FOR_READERS.test(path) && !KEY.test(value));
    assert.deepEqual(hard, []);
  });

  it("has each text of the manifest, and no others", () => {
    const used = manifest.flatMap(({ value }) => KEY.exec(value)?.[1] ?? []);
    assert.ok(used.length > 70);
    assert.deepEqual(Object.keys(texts("package.nls.json")).sort(), [...new Set(used)].sort());
  });

  it("shows no message that is not translated", () => {
    const hard = readdirSync(join(repoRoot, "client"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => [...read(join("client", name)).matchAll(/(?:show\w+Message|setStatusBarMessage|(?:title|placeHolder|prompt|tooltip|openLabel|saveLabel|detail|description):)[ (]*"[^"]*[a-z]{3} [^"]*"/g)].map(([call]) => `${name}: ${call}`));
    assert.deepEqual(hard, []);
  });

  for (const [folder, name] of [["l10n", "bundle.l10n"], [".", "package.nls"]] as const) {
    const english = texts(join(folder, `${name}.json`));
    const others = translations(folder, name);

    it(`speaks German in ${name}`, () => assert.ok(others.some(([language]) => language === "de")));

    for (const [language, translated] of others) {
      it(`is whole in ${language}: ${name}`, () => {
        assert.deepEqual(Object.keys(translated).sort(), Object.keys(english).sort());
        for (const [key, text] of Object.entries(translated)) {
          assert.notEqual(text.trim(), "", key);
          assert.deepEqual(marks(text), marks(english[key] ?? ""), key);
        }
      });
    }
  }

  for (const [language, translated] of [["en", texts("package.nls.json")] as const, ...translations(".", "package.nls")]) {
    it(`names commands as they are called, in ${language}`, () => {
      const titles = new Set(Object.entries(translated).flatMap(([key, title]) => (key.startsWith("command.") ? [title] : [])));
      const named = Object.values(translated).flatMap((text) => [...text.matchAll(/`VQA: ([^`]+)`/g)].map(([, title]) => title));
      assert.ok(named.length > 0);
      for (const title of named) assert.ok(titles.has(title ?? ""), title);
    });
  }
});
