import assert from "node:assert/strict";
import type { PreviewDocument } from "../../../client/preview/document.js";
import { readFilm } from "../../../client/preview/film.js";
import { Follower, type Restored } from "../../../client/preview/follower.js";
import type { PageLink } from "../../../client/preview/link.js";
import type { ToPage } from "../../../client/preview/messages.js";
import type { PreviewServer } from "../../../client/preview/server.js";
import { ShownVideo } from "../../../client/preview/video.js";

/** What the page was told. */
class Told {
  readonly messages: ToPage[] = [];
  readonly link = { post: (message: ToPage) => void this.messages.push(message) } as PageLink;
  take(): string[] {
    return this.messages.splice(0).map((message) => (message.type === "seek" ? `seek ${message.spans[0]?.startMs}` : message.type === "film" ? `film ${message.cursor ?? "without"}` : message.type));
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("what a preview is told of its video", () => {
  const MEDIA = { durationMs: 1000, video: {}, audio: [{}], startMs: 0 };
  const uri = { scheme: "file", toString: () => "file:///a.mp4" };

  function shown(over: Partial<Record<keyof PreviewServer, unknown>> = {}): { told: Told; video: ShownVideo; asked: string[] } {
    const told = new Told();
    const asked: string[] = [];
    const answers = { probe: MEDIA, frames: { pictures: [{ width: 1, height: 1, rgb: "AAAA", timeMs: 0 }] }, waveform: [0.5], frameTimes: [0, 40], ...over };
    const server = Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [
        name,
        async () => {
          asked.push(name);
          // Pictures and sound take longer than facts.
          if (name === "frames" || name === "waveform") await settle();
          if (answer instanceof Error) throw answer;
          return answer;
        },
      ]),
    ) as unknown as PreviewServer;
    return { told, asked, video: new ShownVideo(uri as never, server, told.link) };
  }

  it("is its pictures and its sound, each asked for once and kept for a page that is loaded anew", async () => {
    const { told, video, asked } = shown();
    assert.equal(await video.look(), MEDIA);
    await settle();
    await settle();
    assert.deepEqual(told.take().sort(), ["strip", "wave"]);
    assert.deepEqual(video.pictures.map(({ type }) => type), ["strip", "wave"]);
    await video.tellFrames(0);
    assert.deepEqual(told.messages, [{ type: "frames", timesMs: [0, 40], endMs: 1000 }]);
    assert.deepEqual(asked.sort(), ["frameTimes", "frames", "probe", "waveform"]);
  });

  it("is nothing once another one is shown", async () => {
    const { told, video } = shown();
    const looking = video.look();
    const telling = video.tellFrames(0);
    video.close();
    assert.equal(await looking, undefined);
    await telling;
    await settle();
    await settle();
    assert.deepEqual(told.messages, []);

    const late = shown();
    await late.video.look();
    late.video.close();
    await settle();
    await settle();
    assert.deepEqual(late.told.messages, []);
  });

  it("is what can be had of a file that is broken", async () => {
    const broken = shown({ probe: new Error("no film") });
    assert.equal(await broken.video.look(), undefined);
    await broken.video.tellFrames(0);
    assert.deepEqual(broken.told.messages, [{ type: "frames", timesMs: [] }]);
    const bare = shown({ frames: new Error("no pictures"), waveform: new Error("no sound") });
    assert.equal(await bare.video.look(), MEDIA);
    await settle();
    await settle();
    assert.deepEqual(bare.told.messages, []);
  });
});

describe("a cursor and a picture that follow each other", () => {
  const film = readFilm("VQA 1\nvideo: a.mp4\n\n@ 00:01..00:02 one\n\n@ 00:05..00:06 two\n\nQ: What?\n");
  const [one, two] = film.items;

  function following(restored?: Restored): { told: Told; document: { selected: unknown; hasCursor: boolean }; follower: Follower } {
    const told = new Told();
    const document = { film, selected: undefined as unknown, hasCursor: true, select: (item: unknown) => void (document.selected = item) };
    return { told, document, follower: new Follower(document as unknown as PreviewDocument, told.link, restored) };
  }

  it("go to an item's time when the cursor moves into it, and not again while it stays there", () => {
    const { told, document, follower } = following();
    document.selected = one;
    follower.moved();
    assert.deepEqual(told.take(), [`film ${one?.place.start}`, "seek 1000"]);
    follower.moved();
    assert.deepEqual(told.take(), []);
    document.selected = two;
    follower.edited();
    assert.deepEqual(told.take(), [`film ${two?.place.start}`], "an edit moves no picture");
    follower.moved();
    assert.deepEqual(told.take(), []);
  });

  it("stay where they are when nobody wants it, or the page has put the cursor there itself", () => {
    const { told, document, follower } = following({ follow: false });
    document.selected = one;
    follower.moved();
    assert.deepEqual(told.take(), [`film ${one?.place.start}`]);
    follower.follow = true;
    follower.choose(two?.place.start ?? -1);
    assert.deepEqual(told.take(), [`film ${two?.place.start}`]);
    assert.equal(document.selected, two);
    follower.moved();
    assert.deepEqual(told.take(), []);
    follower.choose(123_456);
    assert.deepEqual(told.take(), []);
  });

  it("remember where the cursor was before the window was loaded anew, while no editor has one", () => {
    const { told, document, follower } = following({ cursor: one?.place.start });
    document.hasCursor = false;
    follower.tell();
    assert.deepEqual(told.take(), [`film ${one?.place.start}`]);
    follower.moved();
    assert.deepEqual(told.take(), []);
    Object.assign(document, { hasCursor: true, selected: one });
    follower.moved();
    assert.deepEqual(told.take(), [`film ${one?.place.start}`], "it has not moved");
  });
});
