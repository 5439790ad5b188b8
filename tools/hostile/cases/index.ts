import { BOMBS } from "./bombs.js";
import { NAMES } from "./names.js";
import { PLAYLISTS } from "./playlists.js";
import { REFERENCES } from "./references.js";
import { SPECIAL } from "./special.js";
import { SUBTITLES } from "./subtitles.js";
import type { HostileCase } from "../case.js";

export const CASES: readonly HostileCase[] = [...PLAYLISTS, ...REFERENCES, ...NAMES, ...SPECIAL, ...BOMBS, ...SUBTITLES];
