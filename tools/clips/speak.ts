/** Sentences spoken by the synthesiser espeak-ng. */
import { spawn } from "node:child_process";

/** What espeak-ng gives. */
export const SPEECH_RATE = 22_050;

export interface Voice {
  /** espeak-ng's name of it, such as "en-us+f4". */
  readonly name: string;
  /** Words a minute, and espeak-ng's pitch from 0 to 99. */
  readonly speed: number;
  readonly pitch: number;
}

/** Mono 16-bit samples at {@link SPEECH_RATE}. Error: espeak-ng is missing, or failed. */
export async function speak(text: string, { name, speed, pitch }: Voice, signal?: AbortSignal): Promise<Int16Array> {
  const args = ["-v", name, "-s", String(speed), "-p", String(pitch), "--stdout", "--", text];
  const child = spawn("espeak-ng", args, { stdio: ["ignore", "pipe", "pipe"], ...(signal === undefined ? {} : { signal }) });
  const chunks: Buffer[] = [];
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (more: string) => (stderr += more));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => reject(error.code === "ENOENT" ? new Error("Speech needs the program espeak-ng. Install it (apt-get install espeak-ng, brew install espeak-ng).") : error));
    child.on("close", resolve);
  });
  const wav = Buffer.concat(chunks);
  if (code !== 0 || wav.length < 44) throw new Error(`espeak-ng could not say "${text}": ${stderr.trim() || `status ${code}`}`);
  if (wav.readUInt32LE(24) !== SPEECH_RATE) throw new Error(`espeak-ng gave ${wav.readUInt32LE(24)} samples a second, not ${SPEECH_RATE}.`);
  return Int16Array.from({ length: (wav.length - 44) >> 1 }, (_, i) => wav.readInt16LE(44 + 2 * i));
}

/** How espeak-ng has to see a letter so that it says the letter's name. */
const LETTERS: Readonly<Record<string, string>> = { A: "ay", I: "eye", O: "oh", U: "you", Y: "why" };
const DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** A code as people say it: letter by letter, digit by digit. */
export function spelled(code: string): string {
  return [...code].map((c) => (c === "-" ? "dash" : (DIGITS[Number(c)] ?? LETTERS[c] ?? c))).join(" ");
}
