import assert from "node:assert/strict";
import fc from "fast-check";
import { NOTHING_OPEN, reduceChat, turnOf, type ChatEffect, type ChatEvent, type Conversation } from "../../../client/chat/conversation.js";
import { MAX_TURNS, type Turn } from "../../../client/chat/turns.js";
import type { Answer } from "../../../server/src/protocol/values.js";

const film = { uri: "file:///films/a.mp4", name: "a.mp4" };
const other = { uri: "file:///films/b.mp4", name: "b.mp4" };

const answer = (text: string, stop: Answer["stop"] = "end"): Answer => ({
  text,
  stop,
  provenance: {
    videoDigest: "v",
    modelId: "micro",
    modelDigest: "m",
    composer: "c",
    promptId: "p",
    frameTimesMs: [500, 1500],
    requestedFrames: 2,
    cuesUsed: [{ startMs: 0, endMs: 900, text: "Hello" }],
    decode: { temperature: 0, seed: 1, maxTokens: 8, repetitionPenalty: 1 },
    engine: [],
    notes: ["a note"],
  },
  timings: { probeMs: 0, framesMs: 0, subtitlesMs: 0, encodeMs: 0, composeMs: 0, prefillMs: 0, firstTokenMs: 0, generateMs: 0, totalMs: 12, promptTokens: 0, prefillEvaluated: 0, answerTokens: 0, featuresCached: false },
});

const open = (video = film, turns: readonly Turn[] = []): ChatEvent => ({ type: "open", video, turns });
const ask = (question: string): ChatEvent => ({ type: "ask", question, scope: [] });
const text = (turn: number, said: string): ChatEvent => ({ type: "text", turn, text: said });
const answered = (turn: number, said: string): ChatEvent => ({ type: "answered", turn, answer: answer(said) });
const failed = (turn: number, code: string): ChatEvent => ({ type: "failed", turn, error: { code, message: "It failed.", next: "Try again." } });

function play(...events: readonly ChatEvent[]): { state: Conversation; effects: ChatEffect[] } {
  let state = NOTHING_OPEN;
  const effects = events.flatMap((event) => {
    const step = reduceChat(state, event);
    state = step.state;
    return step.effects;
  });
  return { state, effects };
}

const shown = ({ turns }: Conversation): string[] => turns.map(({ question, status, text: said }) => `${question} ${status} ${said}`);

describe("conversation about a video", () => {
  it("streams an answer, keeps what it rests on, and stores it when it is whole", () => {
    const { state, effects } = play(open(), ask(" What? "), text(1, "But"), text(1, "ter"), answered(1, "Butter"));
    assert.deepEqual(shown(state), ["What? answered Butter"]);
    assert.deepEqual(turnOf(state, 1)?.evidence, { frameTimesMs: [500, 1500], cues: [{ startMs: 0, endMs: 900, text: "Hello" }], notes: ["a note"], model: "micro", totalMs: 12 });
    assert.deepEqual(effects.map(({ type }) => type), ["ask", "save"]);
    assert.deepEqual(effects[0]?.type === "ask" && [effects[0].video, effects[0].turn.question], [film, "What?"]);
  });

  it("shows progress until the first word, and not after it", () => {
    const progress = (stage: "frames" | "generate"): ChatEvent => ({ type: "progress", turn: 1, progress: { stage } });
    const waiting = play(open(), ask("What?"), progress("frames")).state;
    assert.deepEqual(turnOf(waiting, 1)?.progress, { stage: "frames" });
    assert.equal(turnOf(play(open(), ask("What?"), progress("frames"), text(1, "B"), progress("generate")).state, 1)?.progress, undefined);
  });

  it("takes no question without a video, none that is blank, and none while one is answered", () => {
    assert.deepEqual(play(ask("What?")).state, NOTHING_OPEN);
    assert.deepEqual(shown(play(open(), ask("  \n ")).state), []);
    assert.deepEqual(shown(play(open(), ask("One?"), ask("Two?")).state), ["One? running "]);
  });

  it("stops at once and keeps what was said; what comes late changes nothing", () => {
    const { state, effects } = play(open(), ask("What?"), text(1, "But"), { type: "stop" }, text(1, "ter"), answered(1, "Butter"), failed(1, "internal"), { type: "stop" });
    assert.deepEqual(shown(state), ["What? stopped But"]);
    assert.deepEqual(effects.map(({ type }) => type), ["ask", "cancel", "save"]);
    assert.deepEqual(shown(play(open(), ask("One?"), { type: "stop" }, ask("Two?"), text(1, "late"), text(2, "new")).state), ["One? stopped ", "Two? running new"]);
  });

  it("keeps an error with its next step, and takes a cancelled request for stopped", () => {
    const { state } = play(open(), ask("What?"), failed(1, "video-not-found"), ask("And?"), failed(2, "cancelled"));
    assert.deepEqual(shown(state), ["What? failed ", "And? stopped "]);
    assert.deepEqual(turnOf(state, 1)?.error, { code: "video-not-found", message: "It failed.", next: "Try again." });
    assert.equal(turnOf(state, 2)?.error, undefined);
  });

  it("goes to another video with what was said about it, and stores the first as stopped", () => {
    const old: Turn = { id: 1, question: "Old?", scope: [], status: "answered", text: "yes" };
    const { state, effects } = play(open(), ask("What?"), open(other, [old]), answered(1, "late"), ask("New?"));
    assert.deepEqual(shown(state), ["Old? answered yes", "New? running "]);
    assert.equal(new Set([1, ...state.turns.map(({ id }) => id)]).size, 3, "numbers are not given twice");
    const saved = effects.find((effect) => effect.type === "save");
    assert.deepEqual(saved?.type === "save" && [saved.video, saved.turns.map(({ status }) => status)], [film, ["stopped"]]);
    assert.ok(effects.some(({ type }) => type === "cancel"));
  });

  it("stays as it is when the same video is opened again", () => {
    const before = play(open(), ask("What?")).state;
    assert.deepEqual(reduceChat(before, open(film, [])), { state: before, effects: [] });
  });

  it("forgets everything when it is cleared, in storage too", () => {
    const { state, effects } = play(open(), ask("What?"), { type: "clear" }, text(1, "late"));
    assert.deepEqual(state.turns, []);
    assert.deepEqual(effects.slice(1), [{ type: "cancel", turn: 1 }, { type: "save", video: film, turns: [] }]);
  });

  it("has at most one running turn, asks for it once, and never grows beyond its bound, in any course of events", () => {
    const turn = fc.integer({ min: 1, max: 6 });
    const event: fc.Arbitrary<ChatEvent> = fc.oneof(
      fc.constantFrom(open(), open(other), ask("What?"), { type: "stop" } as const, { type: "clear" } as const),
      turn.map((id) => text(id, "x")),
      turn.map((id) => answered(id, "x")),
      turn.map((id) => failed(id, "internal")),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let state = NOTHING_OPEN;
        const asked: number[] = [];
        for (const next of events) {
          const step = reduceChat(state, next);
          state = step.state;
          for (const effect of step.effects) {
            if (effect.type === "ask") asked.push(effect.turn.id);
            if (effect.type === "cancel") assert.ok(asked.includes(effect.turn));
            if (effect.type === "save") assert.ok(effect.turns.every(({ status }) => status !== "running"));
          }
          const running = state.turns.filter(({ status }) => status === "running").map(({ id }) => id);
          assert.deepEqual(running, state.running === undefined ? [] : [state.running]);
          assert.ok(state.turns.length <= MAX_TURNS);
        }
        assert.equal(new Set(asked).size, asked.length);
      }),
    );
  });

  it("drops the oldest turns", () => {
    const events = Array.from({ length: MAX_TURNS + 3 }, (_, i) => [ask(`Q${i}?`), answered(i + 1, "x")]).flat();
    const { state } = play(open(), ...events);
    assert.equal(state.turns.length, MAX_TURNS);
    assert.equal(state.turns[0]?.question, "Q3?");
  });
});
