/** Subtitles for synthetic clips: facts that a question can ask for, among chatter. */
import { Random } from "./random.js";
import type { Fact, SceneCue } from "./scene.js";

export interface Topic {
  readonly value: (random: Random) => string;
  readonly said: readonly string[];
  readonly asked: readonly string[];
}

export const TOPICS: readonly Topic[] = [
  {
    value: code,
    said: ["The code is {}.", "Remember the code {}.", "The secret code is {}."],
    asked: ["What is the code?", "Which code is mentioned?"],
  },
  {
    value: (random) => (random.chance(0.5) ? random.pick(["Anna", "Peter", "Maria", "Oscar", "Julia", "Felix", "Nina", "Hugo"]) : capital(nonsense(random))),
    said: ["My name is {}.", "Hello, I am {}.", "Her name is {}."],
    asked: ["What is the name?", "Which name is mentioned?"],
  },
  {
    value: (random) => (random.chance(0.5) ? random.pick(["Paris", "Lisbon", "Oslo", "Tokyo", "Vienna", "Boston", "Lima", "Rome"]) : capital(nonsense(random))),
    said: ["We are going to {}.", "The train goes to {}.", "Let us go to {}."],
    asked: ["Where are they going?", "Which place is mentioned?"],
  },
  {
    value: (random) => random.pick(["soup", "rice", "bread", "pizza", "fish", "cheese", "noodles", "apples", "beans", "curry"]),
    said: ["I like to eat {}.", "Today we eat {}.", "We cook {}."],
    asked: ["What do they eat?", "Which food is mentioned?"],
  },
];

export const CHATTER = [
  "Please watch carefully.",
  "This is only a short film.",
  "It is very quiet here.",
  "Now look at the picture.",
  "We have plenty of time.",
  "That was quick!",
  "Are you still there?",
  "Nobody knows why.",
  "It will be over soon.",
];

/** Two to six digits, or letters and digits with a dash. */
function code(random: Random): string {
  const digits = (n: number): string => Array.from({ length: n }, () => random.int(0, 9)).join("");
  if (random.chance(0.7)) return digits(random.int(3, 5));
  const letters = Array.from({ length: random.int(1, 2) }, () => random.pick([..."ABCDEFGHKLMNPRSTUVWXYZ"])).join("");
  return `${letters}${digits(random.int(1, 2))}-${digits(random.int(1, 3))}`;
}

/** A word that nobody has heard: it can be copied, not known. */
function nonsense(random: Random): string {
  const syllable = (): string => random.pick([..."bdfgklmnprstvz"]) + random.pick([..."aeiou"]) + random.pick(["", "", "n", "r", "l", "m"]);
  return Array.from({ length: random.int(2, 3) }, syllable).join("");
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/**
 * One or two facts of different topics and up to one line of chatter, at even times over the clip.
 * Each cue stays for most of its share, so that it lies between sampled frames.
 */
export function subtitles(random: Random, durationMs: number): { cues: readonly SceneCue[]; facts: readonly Fact[] } {
  const facts: Fact[] = [];
  const lines: string[] = [];
  for (const topic of random.shuffle(TOPICS).slice(0, random.int(1, 2))) {
    const { said, question, answer } = factOf(random, topic);
    lines.push(said);
    facts.push({ question, answer });
  }
  if (random.chance(0.6)) lines.push(random.pick(CHATTER));
  const share = durationMs / lines.length;
  const cues = random.shuffle(lines).map((text, i) => ({
    startMs: Math.round(share * i + share * random.between(0.02, 0.1)),
    endMs: Math.round(share * (i + 1) - share * random.between(0.05, 0.15)),
    text,
  }));
  return { cues, facts };
}

/** Something said, and what asks for it. */
export function factOf(random: Random, topic: Topic): Fact & { readonly said: string } {
  const answer = topic.value(random);
  const said = random.pick(topic.said).replace("{}", answer);
  return { said, question: random.pick(topic.asked), answer };
}

/** SubRip text of cues. */
export function srt(cues: readonly SceneCue[]): string {
  return cues.map((cue, i) => `${i + 1}\n${clock(cue.startMs)} --> ${clock(cue.endMs)}\n${cue.text}\n`).join("\n");
}

function clock(ms: number): string {
  const pad = (n: number, width: number): string => String(n).padStart(width, "0");
  const s = Math.floor(ms / 1000);
  return `${pad(Math.floor(s / 3600), 2)}:${pad(Math.floor(s / 60) % 60, 2)}:${pad(s % 60, 2)},${pad(ms % 1000, 3)}`;
}
