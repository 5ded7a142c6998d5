import { describe, expect, it } from 'vitest';
import { parseRedisAddress } from './redis-address';

describe('the address of a Redis', () => {
  it('OP-01: names one server, with what stands for what is left out', () => {
    expect(parseRedisAddress('redis://cache')).toMatchObject({
      kind: 'single',
      isTls: false,
      hosts: [{ host: 'cache', port: 6379 }],
      user: '',
      password: '',
      database: 0,
    });
    expect(parseRedisAddress('rediss://:p%40ss@[::1]:6380/3?family=6')).toMatchObject({
      isTls: true,
      hosts: [{ host: '::1', port: 6380 }],
      password: 'p@ss',
      database: 3,
    });
  });

  it('OP-01: names sentinels, the primary, and who signs in at which of them', () => {
    const url = 'rediss-sentinel://app:p%3Aw@s1,s2:26380/my%20primary/2?sentinel_password=a%26b';
    expect(parseRedisAddress(url)).toMatchObject({
      kind: 'sentinel',
      isTls: true,
      hosts: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_380 },
      ],
      user: 'app',
      password: 'p:w',
      primaryName: 'my primary',
      sentinel: { user: '', password: 'a&b' },
      database: 2,
    });
  });

  it('OP-01: names nodes of a cluster', () => {
    expect(parseRedisAddress('redis-cluster://app:pw@n1:7000,n2:7001')).toMatchObject({
      kind: 'cluster',
      hosts: [
        { host: 'n1', port: 7000 },
        { host: 'n2', port: 7001 },
      ],
      user: 'app',
      password: 'pw',
      database: 0,
    });
  });
});
