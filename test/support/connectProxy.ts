/**
 * A proxy as companies run them, in a process of its own: tunnels by CONNECT (RFC 9110, section 9.3.6), and tells
 * its parent of each. `VQA_PROXY_USER` makes it ask for that "name:password".
 */
import { createServer } from "node:http";
import { connect, type AddressInfo } from "node:net";

export type ProxyMessage = { readonly port: number } | { readonly tunnel: string; readonly allowed: boolean };

const tell = (message: ProxyMessage): void => void process.send?.(message);
const wanted = process.env["VQA_PROXY_USER"];

// Only tunnels: what is asked for plainly would be seen by the proxy.
const server = createServer((_, response) => void response.writeHead(405).end());
server.on("connect", (request, client, head) => {
  const allowed = wanted === undefined || request.headers["proxy-authorization"] === `Basic ${Buffer.from(wanted).toString("base64")}`;
  tell({ tunnel: request.url ?? "", allowed });
  client.on("error", () => undefined);
  if (!allowed) return void client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="test"\r\nContent-Length: 0\r\n\r\n');
  const [host, port] = (request.url ?? "").split(":");
  const target = connect(Number(port), host, () => {
    client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    target.write(head);
    target.pipe(client);
    client.pipe(target);
  });
  target.on("error", () => client.destroy());
  client.on("close", () => target.destroy());
});
server.listen(0, "127.0.0.1", () => tell({ port: (server.address() as AddressInfo).port }));
process.on("disconnect", () => process.exit(0));
