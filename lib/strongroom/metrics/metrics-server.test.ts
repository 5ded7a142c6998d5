/** HO-02: which names of a host belong to this machine or to its network. */
import { describe, expect, it } from 'vitest';
import { isPrivateHost } from './metrics-server';

describe('/metrics', () => {
  it.each([
    ['127.0.0.1:9464', true],
    ['[::1]:9464', true],
    ['localhost:9464', true],
    ['app:9464', true],
    ['strongroom.default.svc:9464', true],
    ['strongroom.default.svc.cluster.local', true],
    ['metrics.corp.internal.', true],
    ['rebound.example.com:9464', false],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['user@app:9464', false],
    ['', false],
    ['app/x', false],
    ['a b', false],
  ])('HO-02: names of strangers lead nowhere: %s', async (host, isAnswered) => {
    expect(isPrivateHost(host)).toBe(isAnswered);
  });
});
