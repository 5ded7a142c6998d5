/** A user that no test has seen before, with the calls that tests of the message stream make. */
import { expect, onTestFinished } from 'vitest';
import type { Page } from '../http/page.ts';
import type { Message } from '../messages/message.ts';
import { openStream, type TestStream } from './read-events.ts';
import type { TestApi } from './test-api.ts';

export type StreamUser = {
  token: string;
  /** Closed at the end of the test. */
  stream(lastEventId?: string): Promise<TestStream>;
  post(text: string, headers?: Record<string, string>): Promise<Message>;
  remove(id: string): Promise<void>;
  list(): Promise<Message[]>;
  newestId(): Promise<string | undefined>;
};

export async function createStreamUser(api: TestApi, claims = {}): Promise<StreamUser> {
  const token = await api.token({ sub: crypto.randomUUID(), ...claims });
  const list = async () => ((await (await api.get('/messages', token)).json()) as Page<Message>).items;
  return {
    token,
    list,
    newestId: async () => (await list())[0]?.id,
    stream: async (lastEventId) => {
      const opened = await openStream(`${api.identifier}/messages/stream`, {
        authorization: `Bearer ${token}`,
        ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
      });
      onTestFinished(opened.leave);
      return opened;
    },
    post: async (text, headers) => {
      const response = await api.post({ text }, token, headers);
      expect(response.status).toBe(201);
      return (await response.json()) as Message;
    },
    remove: async (id) => expect((await api.delete(`/messages/${id}`, token)).status).toBe(204),
  };
}

/** The text of the event that a posted message is. */
export const printed = (message: Message) =>
  `event: message\nid: ${message.id}\ndata: ${JSON.stringify(message)}`;
