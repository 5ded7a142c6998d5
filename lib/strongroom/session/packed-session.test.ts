import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildSession, buildTokens } from '../testing/sessions';
import { packSession, readText91, unpackSession, writeText91 } from './packed-session';

const randomText = (chars: number) => randomBytes(chars).toString('base64url').slice(0, chars);
const session = buildSession({
  tokens: buildTokens({ accessToken: `${randomText(30)}.${randomText(993)}` }),
});

describe('a packed session', () => {
  it('CK-11: is unpacked as it was, with any texts in the place of its tokens', () => {
    const secret = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w.-]{0,200}$/));
    const members = fc.record({
      id: secret,
      tokens: fc.record({
        accessToken: secret,
        refreshToken: fc.option(secret),
        apiTokens: fc.dictionary(fc.string(), fc.record({ accessToken: fc.option(secret) })),
      }),
      claims: fc.dictionary(fc.string(), fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.string()))),
      memberOfALaterVersion: fc.jsonValue(),
    });
    fc.assert(
      fc.property(members, (data) => {
        const asSealed: unknown = JSON.parse(JSON.stringify(data));
        expect(unpackSession(JSON.parse(JSON.stringify(packSession(data))))).toEqual(asSealed);
      }),
    );
  });

  it('CK-11: takes two thirds of the characters', () => {
    expect(packSession(session).packed.length).toBeLessThan(JSON.stringify(session).length * 0.75);
  });

  it('LK-06: has the same length whatever its tokens are: nothing of them can be learnt from it', () => {
    const lengthOf = (accessToken: string) =>
      packSession({
        ...session,
        user: { ...session.user, name: 'secret-secret-secret' },
        tokens: { accessToken },
      }).packed.length;
    // A pair of characters holds 13 or 14 bits.
    expect(Math.abs(lengthOf('secret-secret-secret') - lengthOf(randomText(20)))).toBeLessThan(8);
    expect(Math.abs(lengthOf('a'.repeat(1_000)) - lengthOf(randomText(1_000)))).toBeLessThan(80);
  });

  it('CK-05: of an earlier build is read: neither the dictionary nor the characters ever change', () => {
    const packed =
      'ua(`<W?*CBR1+^+~&W<#b>Jw!FK)j@cGj$ggU)N>f6&&(9~.Q`OW2V~K;W?*DiSSon}*!!M#+!)QyqUGN?!!YE(#K+0,!!#!vrEuK+RgXu!!Q9C}L$0b2oL&pK2CxX>';
    expect(unpackSession({ packed })).toEqual({
      id: 'abc_-1',
      user: { name: 'Ada' },
      tokens: { accessToken: 'a.b-c.d', refreshToken: 'opaque token', idToken: null },
    });
  });

  it('CK-05: one that is broken is null, and data that is not packed stays as it is', () => {
    const { packed } = packSession(session);
    for (const broken of ['', 'x', packed.slice(0, -40), packed.slice(40), `${packed.slice(1)}\u0000`])
      expect(unpackSession({ packed: broken })).toBeNull();
    expect(unpackSession(session)).toBe(session);
    expect(unpackSession(null)).toBeNull();
  });
});

it('bytes written in 91 characters are read back, and JSON adds none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = writeText91(bytes);
      expect(JSON.stringify(text)).toHaveLength(text.length + 2);
      expect([...readText91(text)]).toEqual([...bytes]);
    }),
  );
});
