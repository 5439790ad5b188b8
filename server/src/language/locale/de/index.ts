/** Everything that the server says to people, in German. */
import type { Phrases } from "../phrases.js";
import { ASKING } from "./asking.js";
import { FILES } from "./files.js";
import { MODELS } from "./models.js";
import { PACKS } from "./packs.js";
import { PROGRAM } from "./program.js";
import { REFUSALS } from "./refusals.js";
import { VIDEO } from "./video.js";

export const SERVER: Phrases = { ...REFUSALS, ...VIDEO, ...ASKING, ...PROGRAM, ...FILES, ...MODELS, ...PACKS };
