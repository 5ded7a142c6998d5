import { describe, expect, it } from 'vitest';
import { describeAccount, initialsOf, nameOf } from './user-name';

describe('initials', () => {
  it.each([
    ['Ada Lindqvist', 'AL'],
    ['Mei-ling Lü (呂美玲)', 'ML'],
    ['(Acme) Grace', 'AG'],
    ['呂美玲', '呂'],
    ['Dr. é O’Neill-Þór', 'DÞ'],
    ['ada.lovelace@example', 'AE'],
    ['"Bob" 42', 'B'],
    ['42 (7)', ''],
  ])('of %s are letters only: %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});

describe('what a user is called', () => {
  const user = { name: 'Ada', email: 'ada@work.example', subject: 'usr_1' };

  it('is the name, else the e-mail address, else the subject', () => {
    expect(nameOf(user)).toBe('Ada');
    expect(nameOf({ ...user, name: null })).toBe('ada@work.example');
    expect(nameOf({ ...user, name: null, email: null })).toBe('usr_1');
  });

  it('tells two accounts of one name apart', () => {
    expect(describeAccount(user)).toBe('Ada (ada@work.example)');
    expect(describeAccount({ ...user, name: null })).toBe('ada@work.example');
    expect(describeAccount({ ...user, email: null })).toBe('Ada');
  });
});
