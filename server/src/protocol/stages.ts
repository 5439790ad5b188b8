/** What a worker is at, in words. English; whoever shows it to people may translate it. */
import type { Progress } from "./values.js";

export const STAGES: Readonly<Record<Progress["stage"], string>> = {
  load: "Loading the model",
  probe: "Reading the video",
  frames: "Decoding frames",
  subtitles: "Reading subtitles",
  speech: "Listening",
  encode: "Looking at frames",
  prefill: "Reading the prompt",
  generate: "Answering",
  index: "Going through the whole video",
};
