import { describe, expect, it } from 'vitest';
import { applyConsentAnswer, composeConsentQuestion } from './consent-question.ts';

const everything = new Set(['openid', 'profile', 'offline_access', 'read:contacts', 'read:messages']);
const scopes = (permissions: { scope: string }[]) => permissions.map(({ scope }) => scope);
const remember = (granted: string[], rejected: string[] = []) => ({
  granted: new Set(granted),
  rejected: new Set(rejected),
});

describe('consent question', () => {
  it('asks for everything the first time, in words', () => {
    const { asked, allowed } = composeConsentQuestion(everything, null, false);
    expect(scopes(asked)).toEqual(['read:contacts', 'read:messages', 'offline_access']);
    expect(asked[0]?.words).toBe('Read your contacts');
    expect(allowed).toEqual([]);
  });

  it('asks only for what is new and names what is allowed', () => {
    const { asked, allowed } = composeConsentQuestion(
      everything,
      remember(['openid', 'read:contacts']),
      false,
    );
    expect(scopes(asked)).toEqual(['read:messages', 'offline_access']);
    expect(scopes(allowed)).toEqual(['read:contacts']);
  });

  it('asks again for what was turned down only when consent is prompted', () => {
    const remembered = remember(['openid', 'offline_access', 'read:contacts'], ['read:messages']);
    expect(scopes(composeConsentQuestion(everything, remembered, false).asked)).toEqual([]);
    expect(scopes(composeConsentQuestion(everything, remembered, true).asked)).toEqual(['read:messages']);
  });

  it('ignores scopes that nobody knows', () => {
    expect(composeConsentQuestion(new Set(['openid', 'admin:all']), null, true).asked).toEqual([]);
  });
});

describe('consent answer', () => {
  it('rejects what is unticked and grants identity with the rest', () => {
    const question = composeConsentQuestion(everything, null, false);
    const answer = applyConsentAnswer(question, everything, {
      ticked: new Set(['read:contacts']),
      remembered: null,
    });
    expect([...answer.granted]).toEqual(['openid', 'profile', 'read:contacts']);
    expect([...answer.rejected]).toEqual(['read:messages', 'offline_access']);
  });

  it('ignores a ticked permission that was not asked for', () => {
    const asked = new Set(['openid', 'read:contacts']);
    const question = composeConsentQuestion(asked, null, false);
    const answer = applyConsentAnswer(question, asked, {
      ticked: new Set(['read:contacts', 'write:messages']),
      remembered: null,
    });
    expect(answer.granted.has('write:messages')).toBe(false);
  });

  it('keeps earlier decisions and lifts a rejection that is now granted', () => {
    const remembered = remember(['openid', 'read:contacts'], ['read:messages', 'offline_access']);
    const question = composeConsentQuestion(everything, remembered, true);
    const answer = applyConsentAnswer(question, everything, {
      ticked: new Set(['read:messages']),
      remembered,
    });
    expect(answer.granted.has('read:messages')).toBe(true);
    expect(answer.granted.has('read:contacts')).toBe(true);
    expect([...answer.rejected]).toEqual(['offline_access']);
  });
});
