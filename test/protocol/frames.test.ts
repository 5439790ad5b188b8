import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { FramesResult } from "../../server/src/protocol/media.js";
import { LspClient, refusal } from "../support/lspClient.js";
import { repoRoot } from "../support/repo.js";

const video = join(repoRoot, "media/demo/shapes.mp4");

describe("pictures of moments", function () {
  this.timeout(120_000);
  let client: LspClient;
  before(async () => {
    client = LspClient.stdio();
    await client.initialize();
  });
  after(() => client.kill());

  const frames = (timesMs: readonly number[], width: number, of = video): Promise<FramesResult> => client.request<FramesResult>("vqa/frames", { video: of, timesMs, width });

  it("come small, in the order of the times, and show what the film shows", async () => {
    const { pictures } = await frames([12_000, 4_000, 12_000], 96, pathToFileURL(video).href);
    assert.equal(pictures.length, 3);
    for (const { width, height, rgb } of pictures) {
      assert.equal(width, 96);
      assert.equal(Buffer.from(rgb, "base64").length, width * height * 3);
      assert.ok(new Set(Buffer.from(rgb, "base64")).size > 8, "it is not of one colour");
    }
    const [first, other, again] = pictures;
    assert.ok(Math.abs((other?.timeMs ?? 0) - 4_000) < 100);
    assert.deepEqual(first, again);
    assert.notEqual(first?.rgb, other?.rgb);
  });

  it("end with a typed error where there is no film, and for a message that is none", async () => {
    assert.equal((await refusal(frames([0], 96, join(repoRoot, "nothing.mp4")))).error?.code, "video-not-found");
    assert.equal((await refusal(frames([0], 5000))).error?.code, "invalid-request");
  });
});
