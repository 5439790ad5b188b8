/**
 * Facts that are only spoken: clips whose sound is a synthesiser's voice, with no subtitles beside them.
 * The voices are ones that the embedded recogniser was not trained on, its words are those that it knows.
 */
import { generateScene } from "../../../clips/generate.js";
import { Random } from "../../../clips/random.js";
import { SEEN, type Fact } from "../../../clips/scene.js";
import { speak, SPEECH_RATE, spelled } from "../../../clips/speak.js";
import type { Asked, Exam, ExamSet } from "./exam.js";

const FIRST_SEED = 15_000_000;
const VOICES = ["en-us+m5", "en-us+f4", "en-us+Annie", "en-us+Gene"];
const [PAUSE_S, LOUDNESS] = [1, 0.5];
const WORD = "a name, place or food that is only spoken";
const CODE = "a code that is only spoken";
const LOOK = "look (colour, shape, is there)";

interface Topic {
  readonly row: string;
  readonly value: (random: Random) => string;
  readonly said: readonly string[];
  readonly asked: readonly string[];
}

const from = (words: string): Topic["value"] => (random) => random.pick(words.split(" "));
const TOPICS: readonly Topic[] = [
  { row: WORD, value: from("Anna Frank Julia Oscar Maria Peter Nina Hugo Alice Thomas"), said: ["My name is {}.", "Her name is {}.", "His name is {}."], asked: ["What is the name?", "Which name is mentioned?"] },
  { row: WORD, value: from("Paris Lisbon Oslo Tokyo Vienna Boston Lima Rome London Berlin"), said: ["We are going to {}.", "The train goes to {}.", "We live in {}."], asked: ["Which place is mentioned?", "Which city is mentioned?"] },
  { row: WORD, value: from("soup rice bread pizza fish cheese noodles apples beans curry"), said: ["I like to eat {}.", "Today we eat {}.", "We cook {}."], asked: ["What do they eat?", "Which food is mentioned?"] },
  { row: CODE, value: code, said: ["The code is {}.", "The secret code is {}.", "Remember the code {}."], asked: ["What is the code?", "Which code is mentioned?"] },
];

/** Two or three digits, sometimes behind a letter. */
function code(random: Random): string {
  const digits = Array.from({ length: random.int(2, 3) }, () => random.int(0, 9)).join("");
  return random.chance(0.4) ? `${random.pick([..."BDFGKLMPRSTV"])}${digits}` : digits;
}

async function exams(clips: number, seed: number, signal?: AbortSignal): Promise<Exam[]> {
  const all: Exam[] = [];
  for (let i = 0; i < clips; i++) {
    const own = FIRST_SEED + seed * 100_000 + i;
    const random = new Random(own);
    const voice = { name: VOICES[i % VOICES.length]!, speed: random.int(125, 175), pitch: random.int(35, 65) };
    const topics = random.shuffle(TOPICS).slice(0, 2);
    const facts: (Fact & { row: string })[] = [];
    const lines: Int16Array[] = [];
    for (const { row, value, said, asked } of topics) {
      const answer = value(random);
      const spoken = row === CODE ? spelled(answer) : answer;
      lines.push(await speak(random.pick(said).replace("{}", spoken), voice, signal));
      facts.push({ row, question: random.pick(asked), answer });
    }
    const samples = laid(lines);
    const durationMs = 200 * Math.ceil((1000 * samples.length) / SPEECH_RATE / 200);
    const drawn = generateScene({ kind: "count", seed: own, pairs: SEEN, subtitles: false });
    const scene = { ...drawn, durationMs, things: drawn.things.map((thing) => ({ ...thing, endMs: durationMs })), tones: [] };
    const first = scene.things[0]!;
    const alone = scene.things.filter((thing) => thing.shape === first.shape).length === 1;
    const look: Asked[] = alone ? [{ rows: [LOOK], type: "colour", text: `What colour is the ${first.shape}?`, answer: first.colour }] : [];
    const questions = facts.map(({ row, question, answer }): Asked => ({ rows: [row], type: "sub_fact", text: question, answer }));
    all.push({ scene, questions: [...questions, ...look], sound: { samples, rate: SPEECH_RATE } });
  }
  return all;
}

/** One line after another with a pause around each, all equally loud. */
function laid(lines: readonly Int16Array[]): Int16Array {
  const pause = PAUSE_S * SPEECH_RATE;
  const samples = new Int16Array(lines.reduce((sum, line) => sum + line.length + pause, pause));
  let at = pause;
  for (const line of lines) {
    const peak = line.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    line.forEach((v, i) => (samples[at + i] = Math.round((v / peak) * LOUDNESS * 32767)));
    at += line.length + pause;
  }
  return samples;
}

export const SPOKEN: ExamSet = {
  name: "spoken",
  clips: 60,
  exams,
  rows: [WORD, CODE, LOOK],
  systems: ["minigpt4-video", "minigpt4-video+no-speech", "longvlm", "longvlm+no-speech", "video-llama", "red-villm"],
  duels: [
    { better: "minigpt4-video", worse: "minigpt4-video+no-speech", rows: [WORD, CODE], about: "what is spoken" },
    { better: "longvlm", worse: "longvlm+no-speech", rows: [WORD, CODE], about: "what is spoken" },
  ],
};
