import assert from "node:assert/strict";
import { addQuestion, difference, withAnswers } from "../../../client/chat/addQuestion.js";
import { NO_HISTORY, readHistory, recall, remember } from "../../../client/chat/history.js";
import { page } from "../../../client/html.js";
import { FromPanelSchema } from "../../../client/chat/messages.js";
import { whenQuestion } from "../../../client/chat/questions.js";
import { rangeInQuestion, readRange, shortRange } from "../../../client/chat/range.js";
import { AskInput, CaptionInput, FindInput } from "../../../client/chat/toolInput.js";
import type { Turn } from "../../../client/chat/turns.js";
import { timeIn, VideoService } from "../../../client/chat/videoService.js";
import { parse, readNotebook, toCells } from "../../../server/src/format/index.js";
import { is, type Schema } from "../../../server/src/protocol/schema.js";
import type { AskParams } from "../../../server/src/protocol/asking.js";
import type { Answer } from "../../../server/src/protocol/values.js";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "../../support/repo.js";

const film = (name: string) => ({ uri: `file:///films/${name}`, name });
const turn = (id: number, status: Turn["status"] = "answered"): Turn => ({ id, question: `Q${id}?`, scope: [], status, text: "x" });

describe("history of chats", () => {
  it("keeps the turns of each video, the last one in front, and forgets those without any", () => {
    const both = remember(remember(NO_HISTORY, film("a"), [turn(1)]), film("b"), [turn(2), turn(3, "running")]);
    assert.deepEqual(both.videos.map(({ video }) => video.name), ["b", "a"]);
    assert.deepEqual(recall(both, film("b").uri), [turn(2)]);
    assert.deepEqual(remember(both, film("b"), []).videos.map(({ video }) => video.name), ["a"]);
    assert.deepEqual(recall(both, film("c").uri), []);
  });

  it("is bounded", () => {
    let history = NO_HISTORY;
    for (let i = 0; i < 60; i++) history = remember(history, film(String(i)), [turn(1)]);
    assert.equal(history.videos.length, 50);
    assert.equal(history.videos[0]?.video.name, "59");
  });

  it("is read back from storage, and empty when storage holds something else", () => {
    const history = remember(NO_HISTORY, film("a"), [turn(1)]);
    assert.deepEqual(readHistory(JSON.parse(JSON.stringify(history))), history);
    for (const bad of [undefined, null, 1, {}, { version: 2, videos: [] }, { version: 1, videos: [{ video: film("a"), turns: [{ id: 1 }] }] }]) assert.deepEqual(readHistory(bad), NO_HISTORY);
  });
});

describe("a question of the chat in a notebook", () => {
  const add = (text: string, question: string, scope = readRange("") ?? []) => addQuestion(toCells(parse(text)), question, scope, "Asked in the chat");

  it("comes last, with its scope, and leaves what is there", () => {
    const text = "VQA 1\nvideo: a.mp4\n\nQ one: What?\nA: this\n";
    const added = add(text, "Where is\nthe star?", readRange("00:05..00:10"));
    assert.equal(added.text, `${text}\nQ @00:00:05.000..00:00:10.000: Where is\n  the star?\n`);
    assert.equal(added.number, 1);
    const question = readNotebook(parse(added.text)).questions[1];
    assert.deepEqual([question?.text, question?.scope.spans], ["Where is\nthe star?", [{ startMs: 5000, endMs: 10000 }]]);
  });

  it("that is about the whole video does not fall under a scope above it", () => {
    const added = add("VQA 1\nvideo: a.mp4\n\n@ 00:01..00:02 a part\n", "What?");
    assert.deepEqual(added.sources.map(({ source }) => source), ["# Asked in the chat", "Q: What?"]);
    assert.deepEqual(readNotebook(parse(added.text)).questions[added.number]?.scope.spans, []);
    assert.deepEqual(add("VQA 1\nvideo: a.mp4\n\n@ 00:01..00:02\n\n# Next\n\nQ: One?\n", "What?").sources.length, 1);
  });

  it("keeps line ends, and gets its answer and the record of the run", () => {
    const text = "VQA 1\r\nvideo: a.mp4\r\n\r\nQ one: What?\r\n";
    const added = add(text, "And?");
    assert.ok(!/[^\r]\n/.test(added.text));
    const run = "RUN 0123abcd\r\n  model: micro\r\n";
    const whole = withAnswers(text, added, [{ raw: "M 0123abcd 0123456789ab: yes\r\n", run }]);
    assert.equal(readNotebook(parse(whole)).questions[1]?.answers[0]?.text, "yes");
    assert.ok(whole.startsWith(text));
    assert.match(whole, /RUN 0123abcd/);
  });

  it("is written with the least that has to be replaced", () => {
    for (const [before, after] of [["abc", "abc"], ["", "x"], ["aXb", "ab"], ["aa", "aaa"], ["one\ntwo\n", "one\nthree\ntwo\n"], ["abab", "ab"]] as const) {
      const { start, end, newText } = difference(before, after);
      assert.equal(before.slice(0, start) + newText + before.slice(end), after);
    }
    assert.deepEqual(difference("one\ntwo\n", "one\nthree\ntwo\n"), { start: 5, end: 5, newText: "hree\nt" });
  });
});

describe("ranges and times of the chat", () => {
  it("are read as in a notebook; nothing is all of the video", () => {
    assert.deepEqual(readRange(" 00:05..00:10, 00:12 "), [{ startMs: 5000, endMs: 10000 }, { startMs: 12000, endMs: 12000 }]);
    assert.deepEqual(readRange("  "), []);
    for (const bad of ["five", "00:10..00:05", "00:05..", "5"]) assert.equal(readRange(bad), undefined, bad);
  });

  it("are shown short, and can be read again", () => {
    const spans = readRange("00:05..00:10.5, 01:00:00") ?? [];
    assert.equal(shortRange(spans), "00:05..00:10.500, 01:00:00");
    assert.deepEqual(readRange(shortRange(spans)), spans);
  });

  it("are found in a question of a chat, and taken out of it", () => {
    const spans = [{ startMs: 10_000, endMs: 20_000 }];
    for (const prompt of ["0:10-0:20 what happens?", "what happens from 0:10 to 0:20?", "what happens 00:10..00:20?", "what happens between 0:10 and 0:20 ?", "[0:10\u20130:20] what happens?"]) {
      assert.deepEqual(rangeInQuestion(prompt), { question: "what happens?", scope: spans }, prompt);
    }
    assert.deepEqual(rangeInQuestion("#range what happens?", spans), { question: "what happens?", scope: spans });
    for (const none of ["#range what happens?", "Which of 1-2 and 10:99 is it?", "Is it 5-3?", "0:20-0:10 what?", "x0:10-0:20"]) assert.deepEqual(rangeInQuestion(none), { question: none, scope: [] });
  });

  it("are found in what a model says", () => {
    assert.equal(timeIn("00:21"), 21_000);
    assert.equal(timeIn("at 1:02:03.5, I think"), 3_723_500);
    for (const none of ["", "never", "21", "1:2", "12:345", "00:99"]) assert.equal(timeIn(none), undefined, none);
  });
});

describe("what a thing to be found is asked as", () => {
  for (const what of ["the red star", "a red star", "red star", " The red star. "]) it(JSON.stringify(what), () => assert.equal(whenQuestion(what), "When does the red star appear?"));
});

describe("the service of panel, participant and tools", () => {
  const answer = { text: " 00:21" } as Answer;
  const server = (asked: AskParams[]) => ({
    ask: async (params: AskParams, onPartial: (partial: { kind: "text"; text: string }) => void) => {
      asked.push(params);
      for (const text of [" ", " 00", ":2", " 1"]) onPartial({ kind: "text", text });
      return answer;
    },
    frames: async ({ timesMs }: { timesMs: readonly number[] }) => ({ pictures: timesMs.map((timeMs) => ({ timeMs, width: 1, height: 1, rgb: "AAAA" })) }),
  });

  it("asks about a part only when there is one, and begins an answer with its first word", async () => {
    const asked: AskParams[] = [];
    const service = new VideoService<undefined>(server(asked));
    const heard: string[] = [];
    await service.ask({ video: "/a.mp4", question: "What?", scope: [] }, { onText: (text) => heard.push(text) }, undefined);
    await service.caption("/a.mp4", [{ startMs: 0, endMs: 1 }], {}, undefined);
    assert.deepEqual(heard, ["00", ":2", " 1"]);
    assert.deepEqual(asked, [{ request: { video: "/a.mp4", question: "What?" } }, { request: { video: "/a.mp4", question: "What happens?", scope: [{ startMs: 0, endMs: 1 }] } }]);
  });

  it("finds the time that the model names", async () => {
    const asked: AskParams[] = [];
    assert.equal((await new VideoService<undefined>(server(asked)).find("/a.mp4", "the star", [], undefined)).timeMs, 21_000);
    assert.equal(asked[0]?.request.question, "When does the star appear?");
  });

  it("asks for no more pictures than a message may hold", async () => {
    const pictures = await new VideoService<undefined>(server([])).pictures("/a.mp4", Array.from({ length: 300 }, (_, i) => i));
    assert.equal(pictures.length, 128);
  });
});

describe("the panel's page", () => {
  const parts = { source: "vscode-webview://x", script: "https://x/chat.js", style: 'https://x/chat.css?"><script>', title: "Ask" };

  it("may run its own script and nothing else, with a nonce of its own each time", () => {
    const [one, two] = [page(parts), page(parts)];
    const nonce = /script-src 'nonce-([\w-]{22,})'/.exec(one.replace(/&#39;/g, "'"))?.[1];
    assert.ok(nonce !== undefined, one);
    assert.ok(one.includes(`nonce="${nonce}"`) && !two.includes(nonce));
    assert.match(one, /default-src 'none'/);
    assert.ok(!one.includes('"><script>'));
  });

  it("is not believed what it says", () => {
    for (const good of [{ type: "ready" }, { type: "ask", question: "What?", range: "" }, { type: "copy", turn: 1 }]) assert.ok(is(FromPanelSchema, good));
    for (const bad of [null, "ask", { type: "eval" }, { type: "ask", question: " ", range: "" }, { type: "ask", question: "What?" }, { type: "copy", turn: 0 }, { type: "insert", turn: "1" }]) assert.ok(!is(FromPanelSchema, bad), JSON.stringify(bad));
  });
});

describe("what the chat contributes", () => {
  it("is there in trusted workspaces only", () => {
    interface Entry {
      readonly command?: string;
      readonly when?: string;
    }
    const { contributes } = JSON.parse(readFileSync(join(repoRoot, "package.json"), "utf8")) as { contributes: Record<"chatParticipants" | "languageModelTools", Entry[]> & { views: { vqa: (Entry & { id: string })[] }; menus: { commandPalette: Entry[] } } };
    const commands = ["vqa.askVideo", "vqa.chooseChatVideo", "vqa.clearChat"].map((name) => contributes.menus.commandPalette.find(({ command }) => command === name) ?? {});
    const views = contributes.views.vqa.filter(({ id }) => id === "vqa.chat");
    for (const entry of [...contributes.chatParticipants, ...contributes.languageModelTools, ...commands, ...views]) assert.match(entry.when ?? "", /\bisWorkspaceTrusted\b/, JSON.stringify(entry));
    assert.equal(views.length, 1);
  });
});

describe("the tools' schemas", () => {
  it("say the same in package.json as the guards do", () => {
    const { contributes } = JSON.parse(readFileSync(join(repoRoot, "package.json"), "utf8")) as { contributes: { languageModelTools: { name: string; inputSchema: { properties: Record<string, unknown>; required: string[] } }[] } };
    const guards = { ask_video: AskInput, caption_video: CaptionInput, find_in_video: FindInput };
    assert.deepEqual(contributes.languageModelTools.map(({ name }) => name), Object.keys(guards));
    for (const { name, inputSchema } of contributes.languageModelTools) {
      const guard: Schema<unknown> = guards[name as keyof typeof guards];
      const all = Object.fromEntries(Object.keys(inputSchema.properties).map((key) => [key, "x"]));
      assert.ok(is(guard, all), name);
      for (const key of Object.keys(all)) {
        const { [key]: _, ...without } = all;
        assert.equal(is(guard, without), !inputSchema.required.includes(key), `${name} without ${key}`);
        assert.ok(!is(guard, { ...all, [key]: 1 }), `${name} with a wrong ${key}`);
      }
    }
  });
});
