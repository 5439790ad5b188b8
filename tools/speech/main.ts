/** Word error rate of the embedded recogniser on phrases that synth.py made: sound files, decoder, log-mel, onnxruntime. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openMedia } from "../../server/src/runtime/ffmpeg/index.js";
import { openPackSpeech } from "../../server/src/runtime/packs/openCompanions.js";
import { createSpeechSource } from "../../server/src/runtime/speech/source.js";

const [folder, accent = "en-us", most = "100"] = process.argv.slice(2);
if (folder === undefined) throw new Error("npm run eval:speech -- FOLDER [ACCENT] [PHRASES]; FOLDER is one of tools/speech/synth.py --voices test");
const phrases = (JSON.parse(await readFile(join(folder, "phrases.json"), "utf8")) as { text: string; voice: string; at: number; samples: number }[])
  .filter(({ voice }) => voice.split("+")[0] === accent)
  .slice(0, Number(most));
const sound = await readFile(join(folder, "sound.i16"));
const words = (text: string): string[] => text.toLowerCase().replace(/[^a-z0-9' -]/g, "").split(" ").filter((word) => word !== "");

function edits(a: readonly string[], b: readonly string[]): number {
  let row = b.map((_, j) => j + 1);
  a.forEach((word, i) => {
    let diagonal = i;
    let left = i + 1;
    row = row.map((above, j) => {
      const cost = Math.min(above + 1, left + 1, diagonal + (word === b[j] ? 0 : 1));
      diagonal = above;
      left = cost;
      return cost;
    });
  });
  return row.at(-1) ?? a.length;
}

/** A second of silence on both sides, as an Ogg or MP4 file would bring it: the decoder reads a WAV file. */
function wav(samples: Buffer): Buffer {
  const pad = Buffer.alloc(16_000);
  const data = Buffer.concat([pad, samples, pad, pad]);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write("WAVEfmt ", 8);
  [16, 0x10001, 16_000, 32_000, 0x100002].forEach((value, i) => head.writeUInt32LE(value, 16 + 4 * i));
  head.write("data", 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const temporary = await mkdtemp(join(tmpdir(), "vqa-eval-speech-"));
const media = await openMedia({ threads: 1 });
const recogniser = (await openPackSpeech("micro", { threads: 1 }))!;
const source = createSpeechSource({ audio: media.audio, recogniser });
let [wrong, total, exact] = [0, 0, 0];
const late: number[] = [];
try {
  for (const { text, at, samples } of phrases) {
    const file = join(temporary, "phrase.wav");
    await writeFile(file, wav(sound.subarray(at * 2, (at + samples) * 2)));
    const { cues } = await source.transcribe(await media.frames.probe(file), [], ["en"]);
    const heard = words(cues.map((cue) => cue.text).join(" "));
    const said = words(text);
    wrong += edits(said, heard);
    total += said.length;
    if (said.join(" ") === heard.join(" ")) exact++;
    if (cues.length > 0) late.push(Math.abs(cues[0]!.startMs - 500), Math.abs(cues.at(-1)!.endMs - 500 - samples / 16));
  }
} finally {
  await recogniser.dispose();
  await media.close();
  await rm(temporary, { recursive: true });
}
late.sort((a, b) => a - b);
const share = (n: number, of: number): string => `${((100 * n) / of).toFixed(1)} %`;
console.log(`${phrases.length} phrases of ${accent}: word error rate ${share(wrong, total)}, whole phrases right ${share(exact, phrases.length)}, times off by ${late[late.length >> 1]?.toFixed(0)} ms (median), ${late[Math.floor(late.length * 0.95)]?.toFixed(0)} ms (95 %)`);
