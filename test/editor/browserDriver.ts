/**
 * A line from the tests, which run in the editor's extension host, to the browser that shows the
 * editor: the source of a function is posted, runs here with the page, and its result comes back.
 */
import { createServer, type Server } from "node:http";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";

export interface BrowserDriver {
  /** For the environment of the extension host. */
  readonly url: string;
  /** The page to drive. What the tests ask for before there is one waits for it. */
  show(page: Page): void;
  close(): void;
}

export async function startBrowserDriver(shots: string): Promise<BrowserDriver> {
  const secret = randomBytes(16).toString("hex");
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      void answer(request.method === "POST" && request.url === `/${secret}` ? body : undefined).then(({ status, value }) => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
      });
    });
  });
  let show: (page: Page) => void = () => undefined;
  const shown = new Promise<Page>((resolve) => (show = resolve));
  let errors = 0;
  const answer = async (body: string | undefined): Promise<{ status: number; value: unknown }> => {
    if (body === undefined) return { status: 403, value: {} };
    const page = await shown;
    try {
      const { code, args } = JSON.parse(body) as { code: string; args: unknown };
      // Our own tests on this machine, behind a secret: the point of this line is to run what they send.
      const run = (0, eval)(`(${code})`) as (context: object, args: unknown) => Promise<unknown>;
      return { status: 200, value: { value: (await run({ page, shots }, args)) ?? null } };
    } catch (error) {
      // What was on the screen tells more than the message.
      await page.screenshot({ path: join(shots, `error-${++errors}.png`) }).catch(() => undefined);
      return { status: 200, value: { error: error instanceof Error ? (error.stack ?? error.message) : String(error) } };
    }
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}`,
    show,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
