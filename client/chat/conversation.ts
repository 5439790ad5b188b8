/**
 * The chat about one video at a time, as a pure reducer: an event in, the next state and what has to
 * be done, in order. One question is answered at a time; another one is not taken meanwhile. What
 * comes late, for a turn that is over or of another video, changes nothing.
 */
import type { Answer, Progress, Span } from "../../server/src/protocol/values.js";
import { MAX_TURNS, type Failure, type Turn, type Video } from "./turns.js";

export interface Conversation {
  readonly video: Video | undefined;
  readonly turns: readonly Turn[];
  /** The turn that is being answered. */
  readonly running: number | undefined;
  /** Of all turns of this session: a number is never given twice. */
  readonly lastId: number;
}

export type ChatEvent =
  /** Another video, with what was said about it before. Ends the running turn. */
  | { readonly type: "open"; readonly video: Video; readonly turns: readonly Turn[] }
  | { readonly type: "ask"; readonly question: string; readonly scope: readonly Span[] }
  | { readonly type: "progress"; readonly turn: number; readonly progress: Progress }
  | { readonly type: "text"; readonly turn: number; readonly text: string }
  | { readonly type: "answered"; readonly turn: number; readonly answer: Answer }
  | { readonly type: "failed"; readonly turn: number; readonly error: Failure }
  | { readonly type: "stop" }
  | { readonly type: "clear" };

export type ChatEffect =
  | { readonly type: "ask"; readonly turn: Turn; readonly video: Video }
  | { readonly type: "cancel"; readonly turn: number }
  /** Stores what was said about the video. */
  | { readonly type: "save"; readonly video: Video; readonly turns: readonly Turn[] };

export interface ChatStep {
  readonly state: Conversation;
  readonly effects: readonly ChatEffect[];
}

export const NOTHING_OPEN: Conversation = { video: undefined, turns: [], running: undefined, lastId: 0 };

export function reduceChat(state: Conversation, event: ChatEvent): ChatStep {
  const { video, running } = state;
  const unchanged: ChatStep = { state, effects: [] };
  switch (event.type) {
    case "open": {
      if (event.video.uri === video?.uri) return unchanged;
      const stopped = stop(state);
      // Numbers of the stored turns are of another session: they are given anew.
      const turns = event.turns.slice(-MAX_TURNS).map((turn, i) => ({ ...turn, id: state.lastId + 1 + i }));
      return { state: { video: event.video, turns, running: undefined, lastId: state.lastId + turns.length }, effects: stopped.effects };
    }
    case "ask": {
      const question = event.question.trim();
      if (video === undefined || running !== undefined || question === "") return unchanged;
      const turn: Turn = { id: state.lastId + 1, question, scope: event.scope, status: "running", text: "" };
      return { state: { ...state, turns: [...state.turns, turn].slice(-MAX_TURNS), running: turn.id, lastId: turn.id }, effects: [{ type: "ask", turn, video }] };
    }
    case "progress":
      if (running !== event.turn || turnOf(state, running)?.text !== "") return unchanged;
      return { state: change(state, event.turn, (turn) => ({ ...turn, progress: event.progress })), effects: [] };
    case "text":
      if (running !== event.turn) return unchanged;
      return { state: change(state, event.turn, ({ progress: _, ...turn }) => ({ ...turn, text: turn.text + event.text })), effects: [] };
    case "answered": {
      if (running !== event.turn) return unchanged;
      const { text, stop: how, provenance, timings } = event.answer;
      const evidence = { frameTimesMs: provenance.frameTimesMs, cues: provenance.cuesUsed, notes: provenance.notes, model: provenance.modelId, totalMs: timings.totalMs };
      return end(state, { status: how === "stopped" ? "stopped" : "answered", text, evidence });
    }
    case "failed":
      if (running !== event.turn) return unchanged;
      return end(state, event.error.code === "cancelled" ? { status: "stopped" } : { status: "failed", error: event.error });
    case "stop":
      return stop(state);
    case "clear": {
      if (video === undefined) return unchanged;
      const cancelled = stop(state).effects.filter(({ type }) => type === "cancel");
      return { state: { ...state, turns: [], running: undefined }, effects: [...cancelled, { type: "save", video, turns: [] }] };
    }
  }
}

export function turnOf({ turns }: Conversation, id: number): Turn | undefined {
  return turns.find((turn) => turn.id === id);
}

/** Stops at once for whoever looks on; what the request still says is late. */
function stop(state: Conversation): ChatStep {
  if (state.running === undefined) return { state, effects: [] };
  const ended = end(state, { status: "stopped" });
  return { state: ended.state, effects: [{ type: "cancel", turn: state.running }, ...ended.effects] };
}

function end(state: Conversation, how: Pick<Turn, "status"> & Partial<Turn>): ChatStep {
  const next = { ...change(state, state.running, ({ progress: _, ...turn }) => ({ ...turn, ...how })), running: undefined };
  return { state: next, effects: next.video === undefined ? [] : [{ type: "save", video: next.video, turns: next.turns }] };
}

function change(state: Conversation, id: number | undefined, how: (turn: Turn) => Turn): Conversation {
  return { ...state, turns: state.turns.map((turn) => (turn.id === id ? how(turn) : turn)) };
}
