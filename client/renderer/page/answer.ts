/**
 * Shows an answer in the notebook: what was said, how sure the model was, and, to be opened, what it
 * saw and how the answer was made. This is the entry; `view.ts` builds what is shown.
 */
import { is } from "../../../server/src/protocol/schema.js";
import type { AnswerData } from "../../notebook/answers.js";
import { translator } from "../../words.js";
import { node } from "./dom.js";
import { ToRendererSchema, type FromRenderer, type ToRenderer } from "../messages.js";
import { STYLE } from "./style.js";
import { view, type Asking } from "./view.js";

/** What is used of the editor's renderer interface. Messages reach the extension where it runs. */
interface OutputItem {
  readonly id: string;
  json(): unknown;
}
interface Context {
  readonly postMessage?: (message: FromRenderer) => void;
  readonly onDidReceiveMessage?: (listener: (message: unknown) => void) => unknown;
}

type Reply = Extract<ToRenderer, { readonly id: number }>;

export function activate({ postMessage, onDidReceiveMessage }: Context): { renderOutputItem(item: OutputItem, element: HTMLElement): void; disposeOutputItem(id?: string): void } {
  const waiting = new Map<number, (reply: Reply) => void>();
  const shown = new Map<string, () => void>();
  let t = translator({});
  let lastId = 0;
  const request = (message: (id: number) => FromRenderer, then: (reply: Reply) => void): void => {
    if (postMessage === undefined) return;
    const id = ++lastId;
    waiting.set(id, then);
    postMessage(message(id));
  };
  const asking: Asking = {
    canAsk: postMessage !== undefined,
    frames: (timesMs, show) => request((id) => ({ type: "framesWanted", id, timesMs }), (reply) => reply.type === "frames" && show(reply.pictures)),
    seen: (inputs, show) => request((id) => ({ type: "seenWanted", id, inputs }), (reply) => reply.type === "seen" && show(reply.seen, reply.why)),
    weigh: (inputs, show) => {
      request((id) => ({ type: "weighWanted", id, inputs }), (reply) => reply.type === "weighed" && show(reply.evidence, reply.why));
      const id = lastId;
      return () => {
        waiting.delete(id);
        postMessage?.({ type: "weighStop", id });
      };
    },
    decide: (type, raw) => postMessage?.({ type, raw }),
    jump: (startMs, endMs) => postMessage?.({ type: "jump", startMs, endMs }),
  };
  onDidReceiveMessage?.((message) => {
    if (!is(ToRendererSchema, message)) return;
    if (message.type === "words") {
      t = translator(message.words, message.language);
      for (const show of shown.values()) show();
      return;
    }
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  });
  postMessage?.({ type: "hello" });
  return {
    renderOutputItem(item, element) {
      // The same element comes again when an output changes.
      const root = element.shadowRoot ?? withKeys(element.attachShadow({ mode: "open" }));
      const data = item.json() as AnswerData;
      const show = (): void => {
        // Who has opened or focused the one before keeps that.
        const [open, focused] = [root.querySelector("details")?.open === true, root.activeElement?.localName === "summary"];
        root.replaceChildren(node("style", {}, STYLE), ...view(data, asking, t));
        const details = root.querySelector("details");
        if (open && details !== null) details.open = true;
        if (focused) root.querySelector("summary")?.focus();
      };
      shown.set(item.id, show);
      show();
    },
    disposeOutputItem(id) {
      if (id === undefined) shown.clear();
      else shown.delete(id);
    },
  };
}

/** The editor would take the keys that press a button for its own: Enter edits a cell. */
function withKeys(root: ShadowRoot): ShadowRoot {
  root.addEventListener("keydown", (event) => {
    const { key, target } = event as KeyboardEvent;
    if ((key === "Enter" || key === " ") && target instanceof HTMLElement && target.matches("button, summary")) event.stopPropagation();
  });
  return root;
}
