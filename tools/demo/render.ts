/** Renders the demo's clip again: `node out/tools/demo/render.js [FOLDER]`, by default media/demo. */
import { join } from "node:path";
import { encodeClip } from "../clips/encode.js";
import { findFfmpeg } from "../clips/ffmpeg.js";
import { DEMO_SCENE } from "./scene.js";

const folder = process.argv[2] ?? join("media", "demo");
await encodeClip(DEMO_SCENE, join(folder, "shapes.mp4"), { ffmpeg: findFfmpeg() });
