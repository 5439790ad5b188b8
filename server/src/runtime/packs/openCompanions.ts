import { throwIfAborted } from "../../engine/errors.js";
import type { SpeechRecogniser } from "../../engine/ports.js";
import { idleThreads } from "../llama/threads.js";
import { openWhisper } from "../speech/whisper/recogniser.js";
import { companionOf } from "./companions.js";

export interface CompanionOptions {
  /** For onnxruntime; default: the idle cores. */
  readonly threads?: number;
}

/**
 * The speech recogniser of a pack, undefined when it has none. Its files are verified now and loaded
 * when it first hears something. Errors: model-missing, model-damaged, cancelled.
 */
export async function openPackSpeech(pack: string, options: CompanionOptions = {}, signal?: AbortSignal): Promise<SpeechRecogniser | undefined> {
  const model = await companionOf("speech", pack, signal);
  throwIfAborted(signal);
  return model && openWhisper(model, options.threads ?? idleThreads());
}
