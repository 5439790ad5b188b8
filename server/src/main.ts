/**
 * The composition root of the language server: `vqa lsp --stdio`, or forked with `--node-ipc`.
 * Nothing native is loaded here; ffmpeg, onnxruntime and llama.cpp live in the worker process.
 */
// First of all: it keeps standard output clean while the others load.
import "./lsp/stdout.js";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { VqaError } from "./engine/errors.js";
import { runNotebook, type QuestionOutcome } from "./engine/notebook.js";
import { inputIdOf } from "./engine/inputs.js";
import { checkNotebook } from "./engine/notebookCheck.js";
import { requestOfQuestion, requestUnder } from "./engine/notebookQuestion.js";
import { createLanguageService } from "./language/service.js";
import type { Answerer, Backend } from "./lsp/ports.js";
import { startServer } from "./lsp/server.js";
import { connect } from "./lsp/transport.js";
import type { QuestionResult } from "./protocol/asking.js";
import type { InitializationOptions } from "./protocol/options.js";
import { defaultCacheFolder } from "./runtime/cache/folder.js";
import { clearCache, measureCache } from "./runtime/cache/rooms.js";
import { examine } from "./runtime/hardware/examine.js";
import { defaultModelsFolder } from "./runtime/packs/home.js";
import { surveyed } from "./runtime/datasets/surveyed.js";
import { agreed } from "./runtime/datasets/agreed.js";
import { evaluationOf } from "./runtime/datasets/evaluated.js";
import { exportFor, importFor } from "./runtime/datasets/requests.js";
import { ModelLibrary } from "./runtime/packs/library.js";
import { askerOf, modelFrom, modelOf, videoBeside } from "./runtime/worker/notebook.js";
import { CurrentInputs } from "./runtime/worker/currentInputs.js";
import { refuseLinksOut } from "./runtime/worker/links.js";
import { createSupervisor, type Supervisor } from "./runtime/worker/supervisor.js";
import { ownVersion } from "./runtime/worker/versions.js";

/** A model in memory is worth keeping while somebody works, and not over lunch. */
const IDLE_MS = 10 * 60 * 1000;

function createBackend({ model, idleMs, modelsDir, modelHub, proxy, noProxy, speechModel, embedderModel, captions: _, ...own }: InitializationOptions, folders: () => readonly string[]): Backend {
  const folder = modelsDir ?? defaultModelsFolder();
  const named = (name: string): string => modelFrom(name, process.cwd(), folder);
  const config = { ...own, ...(speechModel === undefined ? {} : { speech: named(speechModel) }), ...(embedderModel === undefined ? {} : { embedder: named(embedderModel) }) };
  // Rooms lie side by side; the one of features is what the worker is told.
  const kept = config.cacheDir === undefined ? defaultCacheFolder() : dirname(config.cacheDir);
  const supervisor = createSupervisor({ config, policy: { idleMs: idleMs ?? IDLE_MS }, expectAllowed: refuseLinksOut(() => folders().flatMap(filesAt)) });
  const defaultModel = named(model ?? "micro");
  const current = new CurrentInputs(supervisor, defaultModel, folder);
  return {
    answerer: answerer(supervisor, (used) => current.used(used)),
    currentInput: (notebook, question, run8, signal) => current.of(notebook, question, run8, signal),
    models: new ModelLibrary({ folder, own: defaultModel, endpoint: modelHub, proxy, noProxy }),
    defaultModel,
    cache: {
      measure: async () => ({ folder: kept, rooms: await measureCache(kept) }),
      clear: async () => ({ folder: kept, rooms: await clearCache(kept) }),
    },
    datasets: {
      importDataset: importFor,
      exportNotebooks: exportFor,
      agreement: agreed,
      evaluation: evaluationOf,
      survey: (notebooks, freshness, signal) => surveyed(notebooks, ({ path, source }) => (freshness ? { asker: askerOf(supervisor, modelOf(path, source, folder) ?? defaultModel) } : {}), signal),
    },
    examine: (device, signal) =>
      examine(
        {
          device: device ?? config.device ?? "auto",
          contextSize: config.contextSize,
          ffmpegPath: config.ffmpeg,
          cacheFolder: config.cacheDir ?? defaultCacheFolder(),
          modelsFolder: folder,
          ownPack: defaultModel,
        },
        signal,
      ),
    runNotebook: async ({ path, source }, { questions, model: asked }, events, signal) => {
      const chosen = asked ?? modelOf(path, source, folder) ?? defaultModel;
      const { outcomes, score, edits, stopped } = await runNotebook(
        { text: source, name: path, questions, force: questions === "all" },
        { asker: askerOf(supervisor, chosen), resolveVideo: videoBeside(path), date: () => new Date().toISOString() },
        { ...events, onFinished: (outcome) => events.onFinished?.(result(outcome)) },
        signal,
      );
      if (outcomes.some(({ answer }) => answer !== undefined)) current.used(chosen);
      return { results: outcomes.map(result), score: { right: score.right, graded: score.graded }, edits, stopped };
    },
    checkNotebook: async ({ path, source }, { freshness, model: asked }, signal) => {
      const chosen = asked ?? modelOf(path, source, folder) ?? defaultModel;
      const asker = freshness ? { asker: askerOf(supervisor, chosen) } : {};
      const { questions, score } = await checkNotebook(source, path, { ...asker, resolveVideo: videoBeside(path) }, signal);
      if (questions.some(({ state }) => state === "fresh" || state === "stale")) current.used(chosen);
      return {
        questions: questions.map(({ question, id, state, grade }) => ({ question, id, state, ...(grade === undefined ? {} : { grade }) })),
        score: { right: score.right, graded: score.graded },
      };
    },
    requestUnder: ({ path, source }, request) => ({ request: requestUnder(source, path, request), model: modelOf(path, source, folder) }),
    evidenceOf: async ({ path, source }, { question, model: asked, weigh = false, onlyFor }, signal) => {
      const request = await requestOfQuestion(source, path, question, videoBeside(path));
      const chosen = asked ?? modelOf(path, source, folder) ?? defaultModel;
      const { dependsOn, outlook } = await supervisor.inputs(request, chosen, signal);
      const inputs = inputIdOf(dependsOn);
      const known = { inputs, ...(outlook === undefined ? {} : { outlook }) };
      if (!weigh || (onlyFor !== undefined && onlyFor !== inputs)) return known;
      const { text, evidence } = await supervisor.ask({ ...request, evidence: true }, chosen, {}, signal);
      current.used(chosen);
      return { ...known, weighed: { text, evidence: evidence ?? [] } };
    },
  };
}

/** Folders of other file systems hold no files of this machine. */
function filesAt(uri: string): string[] {
  try {
    return [fileURLToPath(uri)];
  } catch {
    return [];
  }
}

function answerer(supervisor: Supervisor, used: (model: string) => void): Answerer {
  return {
    ask: async (request, model, hooks, signal) => {
      const answer = await supervisor.ask(request, model, hooks, signal);
      used(model);
      return answer;
    },
    probe: (path, signal) => supervisor.probe(path, signal),
    pictures: (path, timesMs, width, signal) => supervisor.pictures(path, timesMs, width, signal),
    peaks: (path, buckets, signal) => supervisor.peaks(path, buckets, signal),
    frameTimes: (path, fromMs, toMs, signal) => supervisor.frameTimes(path, fromMs, toMs, signal),
    scenes: (request, onFraction, signal) => supervisor.scenes(request, onFraction, signal),
    sprites: (path, count, width, onFraction, signal) => supervisor.sprites(path, count, width, onFraction, signal),
    proxy: (path, kind, onFraction, signal) => supervisor.proxy(path, kind, onFraction, signal),
    transcribe: (params, hooks, signal) => supervisor.transcribe(params, hooks, signal),
    index: async (params, hooks, signal) => {
      const clips = await supervisor.index(params, hooks, signal);
      used(params.model);
      return clips;
    },
    status: () => {
      const { phase, pid, starts, waiting, running, lastFailure } = supervisor.status();
      return {
        worker: { phase, starts, ...(pid === undefined ? {} : { pid }), ...(lastFailure === undefined ? {} : { lastFailure: lastFailure.toJSON() }) },
        waiting,
        running,
      };
    },
    onStatus: (listener) => supervisor.onStatus(() => listener()),
    stopAll: () => supervisor.stopAll(),
    restart: () => supervisor.restart(),
    dispose: () => supervisor.dispose(),
  };
}

function result({ question, id, answer, kept, error, grade }: QuestionOutcome): QuestionResult {
  return {
    question,
    id,
    ...(answer === undefined ? {} : { answer }),
    ...(kept === undefined ? {} : { kept: kept.text }),
    ...(error === undefined ? {} : { error: error.toJSON() }),
    ...(grade === undefined ? {} : { grade }),
  };
}

try {
  startServer(connect(process.argv.slice(2)), { createLanguage: createLanguageService, createBackend, version: ownVersion() });
} catch (thrown) {
  const { message, next } = VqaError.from(thrown);
  console.error(`vqa: ${message}\n     ${next}`);
  process.exitCode = 2;
}
