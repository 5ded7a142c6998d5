/** Sends many requests over a fixed number of kept-alive connections, and tells what they cost the server. */
import { Agent, request as sendRequest } from 'node:http';
import { readCpuMs } from './cpu.ts';

export type Target = {
  pid: number;
  origin: string;
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** A response with another status ends the bench. */
  status?: number;
};

export type Cost = {
  /** CPU of the process for one request. */
  cpuMs: number;
  perSec: number;
};

export type Load = { connections: number; requests: number };

export async function drive(target: Target, { connections, requests }: Load): Promise<Cost> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let left = requests;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await sendOne(target, agent);
    }
  };
  const cpuMs = readCpuMs(target.pid);
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: connections }, work));
  const elapsedMs = performance.now() - startedMs;
  const cost = { cpuMs: (readCpuMs(target.pid) - cpuMs) / requests, perSec: (requests / elapsedMs) * 1_000 };
  agent.destroy();
  return cost;
}

/** One response, with its body. @throws when it has another status than the one that is expected */
export function sendOne(
  { origin, path, headers = {}, status = 200 }: Target,
  agent?: Agent,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const all = { ...browserHeaders, ...headers };
    const request = sendRequest(origin + path, { agent, headers: all }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => {
        if (response.statusCode === status) resolve(body);
        else reject(new Error(`${path} answered ${response.statusCode}.`));
      });
      response.once('error', reject);
    });
    request.once('error', reject).end();
  });
}

/** As a browser asks for a page, but for compression, which a server in front does better. */
const browserHeaders = {
  accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
  'accept-language': 'en-GB,en;q=0.9',
  'sec-fetch-dest': 'document',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-user': '?1',
  'upgrade-insecure-requests': '1',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};
