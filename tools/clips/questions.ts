/** Questions about a scene in everyday words, with the answers that the scene itself dictates. */
import { Random } from "./random.js";
import { COLOURS, PITCHES, SHAPES, SEEN, nameOf, type Pair, type Scene, type Thing, type Tone } from "./scene.js";
import { thingsDuring } from "./tones.js";

export const QUESTION_TYPES = [
  "colour",
  "shape",
  "exists",
  "count_all",
  "count_colour",
  "count_shape",
  "direction",
  "moves",
  "order",
  "order_yes_no",
  "first",
  "last",
  "when",
  "where",
  "caption",
  "sub_fact",
] as const;

/** Of what is heard: only clips with a sound track have them. */
export const SOUND_TYPES = ["sound_pitch", "sound_heard", "sound_count", "sound_when", "sound_first", "sound_screen"] as const;

export type QuestionType = (typeof QUESTION_TYPES)[number] | (typeof SOUND_TYPES)[number];

export interface Question {
  readonly type: QuestionType;
  readonly text: string;
  readonly answer: string;
  /** `when` and `sound_when` only: the true time; the answer counts when it is near enough. */
  readonly timeMs?: number;
}

const PLACES = ["top left", "top", "top right", "left", "centre", "right", "bottom left", "bottom", "bottom right"];

/**
 * All questions that the scene answers without doubt, at most two of a type.
 * @param pairs combinations that "Is there a ...?" may name
 */
export function questionsOf(scene: Scene, random: Random, pairs: readonly Pair[] = SEEN): Question[] {
  const questions = [...attributes(scene, random, pairs), ...ofKind(scene, random)];
  for (const fact of scene.facts) questions.push({ type: "sub_fact", text: fact.question, answer: fact.answer });
  if (scene.tones !== undefined) questions.push(...soundQuestions(scene.tones, scene.things, random));
  return questions;
}

export function soundQuestions(tones: readonly Tone[], things: readonly Thing[], random: Random): Question[] {
  const many = random.pick(["How many tones are there?", "How many tones do you hear?", "How many tones can you hear?"]);
  const questions: Question[] = [{ type: "sound_count", text: many, answer: String(tones.length) }];
  const named = tones.length > 0 && random.chance(0.5) ? random.pick(tones).pitch : random.pick(PITCHES);
  const heard = random.pick(["Is there a {} tone?", "Do you hear a {} tone?", "Can you hear a {} tone?"]).replace("{}", named);
  questions.push({ type: "sound_heard", text: heard, answer: tones.some((t) => t.pitch === named) ? "yes" : "no" });
  const [first, last] = [tones[0], tones.at(-1)];
  if (first !== undefined && tones.length === 1) {
    const text = random.pick(["Is the tone low, middle or high?", "How high is the tone?", "Which pitch does the tone have?"]);
    questions.push({ type: "sound_pitch", text, answer: first.pitch });
  }
  if (first !== undefined && first.pitch !== last?.pitch) {
    questions.push({ type: "sound_first", text: random.pick(["Which tone comes first?", "Which tone do you hear first?"]), answer: `the ${first.pitch} tone` });
  }
  const single = tones.filter((tone) => tones.filter((other) => other.pitch === tone.pitch).length === 1);
  for (const tone of random.shuffle(single).slice(0, 1)) {
    const text = random.pick(["When do you hear the {} tone?", "When does the {} tone sound?", "At what time does the {} tone start?"]);
    questions.push({ type: "sound_when", text: text.replace("{}", tone.pitch), answer: clock(tone.startMs), timeMs: tone.startMs });
  }
  for (const tone of single) {
    const there = thingsDuring(tone, things);
    if (there === undefined || there.length === 0 || there.length > 2 || new Set(there.map((t) => t.startMs)).size < there.length) continue;
    const text = random.pick(["What is on screen when the {} tone sounds?", "What is shown when you hear the {} tone?", "What do you see when the {} tone sounds?"]);
    questions.push({ type: "sound_screen", text: text.replace("{}", tone.pitch), answer: there.map((t) => article(nameOf(t))).join(" and ") });
    break;
  }
  return questions;
}

function ofKind(scene: Scene, random: Random): Question[] {
  switch (scene.kind) {
    case "count":
      return [...counts(scene, random), ...places(scene)];
    case "motion":
      return motion(scene, random);
    case "sequence":
      return sequence(scene, random);
  }
}

/** Things whose value of `key` no other thing has. */
function alone(things: readonly Thing[], key: "colour" | "shape"): Thing[] {
  return things.filter((thing) => things.filter((other) => other[key] === thing[key]).length === 1);
}

function attributes({ things }: Scene, random: Random, pairs: readonly Pair[]): Question[] {
  const questions: Question[] = [];
  for (const thing of random.shuffle(alone(things, "shape")).slice(0, 1)) {
    const text = random.pick(["What colour is the {}?", "What is the colour of the {}?", "Which colour is the {}?"]);
    questions.push({ type: "colour", text: text.replace("{}", thing.shape), answer: thing.colour });
  }
  for (const thing of random.shuffle(alone(things, "colour")).slice(0, 1)) {
    const text = random.pick(["What shape is the {} object?", "What is the shape of the {} object?", "Which shape is the {} object?"]);
    questions.push({ type: "shape", text: text.replace("{}", thing.colour), answer: thing.shape });
  }
  const there = random.chance(0.5) ? random.pick(things) : undefined;
  const [colour, shape] = there === undefined ? random.pick(pairs) : [there.colour, there.shape];
  const text = random.pick(["Is there a {}?", "Does a {} appear?", "Can you see a {}?"]);
  const answer = things.some((thing) => thing.colour === colour && thing.shape === shape) ? "yes" : "no";
  questions.push({ type: "exists", text: text.replace("a {}", article(`${colour} ${shape}`)), answer });
  return questions;
}

function counts({ things }: Scene, random: Random): Question[] {
  const colour = random.chance(0.8) ? random.pick(things).colour : random.pick(COLOURS);
  const shape = random.chance(0.8) ? random.pick(things).shape : random.pick(SHAPES);
  const plural = shape === "cross" ? "crosses" : `${shape}s`;
  return [
    { type: "count_all", text: random.pick(["How many objects are there?", "How many objects do you see?", "How many shapes are there?"]), answer: String(things.length) },
    { type: "count_colour", text: `How many ${colour} objects are there?`, answer: String(things.filter((t) => t.colour === colour).length) },
    { type: "count_shape", text: `How many ${plural} are there?`, answer: String(things.filter((t) => t.shape === shape).length) },
  ];
}

function places({ things }: Scene): Question[] {
  const single = things.filter((thing) => things.filter((other) => nameOf(other) === nameOf(thing)).length === 1);
  return single.slice(0, 1).map((thing) => ({
    type: "where",
    text: `Where is the ${nameOf(thing)}?`,
    answer: PLACES[Math.floor(thing.from.y * 3) * 3 + Math.floor(thing.from.x * 3)] as string,
  }));
}

function motion({ things }: Scene, random: Random): Question[] {
  const questions: Question[] = [];
  for (const thing of things) {
    if (thing.direction !== undefined) {
      const text = random.pick(["Which way does the {} move?", "In which direction does the {} move?", "Which way is the {} moving?"]);
      questions.push({ type: "direction", text: text.replace("{}", random.pick([nameOf(thing), thing.shape])), answer: thing.direction });
    }
    questions.push({ type: "moves", text: `Does the ${nameOf(thing)} move?`, answer: thing.direction === undefined ? "no" : "yes" });
  }
  const told = [...things].sort((a, b) => a.from.y - b.from.y || a.from.x - b.from.x).map((t) => `${article(nameOf(t))} ${t.direction === undefined ? "stays still" : `moves ${t.direction}`}`);
  questions.push({ type: "caption", text: "What happens in the video?", answer: told.join(" and ") });
  return questions;
}

function sequence({ things }: Scene, random: Random): Question[] {
  const names = things.map(nameOf);
  const [i, j] = random.shuffle(things.map((_, index) => index)).slice(0, 2) as [number, number];
  const earlier = random.chance(0.65);
  const winner = names[earlier ? Math.min(i, j) : Math.max(i, j)] as string;
  const [k, l] = random.shuffle([i, j]) as [number, number];
  const before = random.chance(0.65);
  // The first object is often there from the start, which makes "when" too easy: ask for the others.
  const timed = things[random.int(1, things.length - 1)] as Thing;
  return [
    { type: "first", text: random.pick(["What appears first?", "What is shown first?", "Which object appears first?"]), answer: article(names[0] as string) },
    { type: "last", text: random.pick(["What appears last?", "What is shown last?", "Which object appears last?"]), answer: article(names.at(-1) as string) },
    { type: "order", text: `Which appears ${earlier ? "first" : "last"}, the ${names[i]} or the ${names[j]}?`, answer: `the ${winner}` },
    { type: "order_yes_no", text: `Does the ${names[k]} appear ${before ? "before" : "after"} the ${names[l]}?`, answer: k < l === before ? "yes" : "no" },
    { type: "when", text: random.pick(["When does the {} appear?", "At what time does the {} appear?", "When is the {} first seen?"]).replace("{}", nameOf(timed)), answer: clock(timed.startMs), timeMs: timed.startMs },
    { type: "caption", text: "What happens in the video?", answer: names.map((name) => `${article(name)} appears`).join(" then ") },
  ];
}

/** "an orange ring" */
export function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? "an" : "a"} ${name}`;
}

/** mm:ss, the second that a time lies in. */
export function clock(ms: number): string {
  const s = Math.floor(ms / 1000);
  return `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
}
