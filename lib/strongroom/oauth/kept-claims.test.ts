import { describe, expect, it } from 'vitest';
import { keepClaims, listDistributedClaims, readRoles } from './kept-claims';

const claims = { department: 'Sales', groups: ['a', 7, 'b'], level: 3, nested: { a: 'b' }, secret: 'x' };

describe('claims that the session keeps', () => {
  it('are the declared ones: texts and lists of texts, numbers as texts, objects as their names', () => {
    const kept = keepClaims(claims, ['department', 'groups', 'level', 'nested', 'absent']);
    expect(kept).toEqual({ department: 'Sales', groups: ['a', '7', 'b'], level: '3', nested: ['a'] });
  });

  it('are true and false as texts: email_verified is one that pages ask for', () => {
    const kept = keepClaims({ email_verified: true, is_staff: false, empty: null }, [
      'email_verified',
      'is_staff',
      'empty',
    ]);
    expect(kept).toEqual({ email_verified: 'true', is_staff: 'false' });
  });

  it('are found by a path, and by a name that has dots itself', () => {
    const token = {
      realm_access: { roles: ['admin', 'uma'] },
      resource_access: { 'my.client': { roles: ['editor'] } },
      'https://app.example/org_id': 42,
    };
    const names = [
      'realm_access.roles',
      'resource_access.my.client.roles',
      'https://app.example/org_id',
      'realm_access.constructor.name',
      'realm_access.roles.0',
    ];
    expect(keepClaims(token, names)).toEqual({
      'realm_access.roles': ['admin', 'uma'],
      'resource_access.my.client.roles': ['editor'],
      'https://app.example/org_id': '42',
    });
  });

  it('are known as kept elsewhere where the server says so', () => {
    const overage = { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://a' } } };
    expect(listDistributedClaims(overage, ['groups', 'roles'])).toEqual(['groups']);
    for (const _claim_names of [undefined, null, 'groups', ['groups'], {}])
      expect(listDistributedClaims({ _claim_names }, ['groups'])).toEqual([]);
  });

  it('give roles under a name with a namespace', () => {
    const roles = { claim: 'https://app.example/roles', names: ['admin', 'auditor'] };
    expect(readRoles({ 'https://app.example/roles': ['admin', 'other'] }, roles)).toEqual(['admin']);
  });

  it('are none when none is declared, and never members that every object has', () => {
    expect(keepClaims(claims, [])).toEqual({});
    expect(keepClaims(claims, ['constructor', '__proto__'])).toEqual({});
  });

  it('CK-11: are cut, so that they fit beside the tokens', () => {
    const many = Array.from({ length: 50 }, (_, index) => String(index));
    const kept = keepClaims({ long: 'a'.repeat(10_000), many }, ['long', 'many']);
    expect(kept.long).toHaveLength(200);
    expect(kept.many).toHaveLength(20);
  });

  it('CK-11: are left out when they do not fit together: the later ones of the declaration give way', () => {
    const wide = (letter: string) => Array.from({ length: 3 }, () => letter.repeat(190));
    const token = { first: wide('a'), second: wide('b'), department: 'Sales' };
    expect(keepClaims(token, ['first', 'second'])).toEqual({ first: token.first });
    expect(keepClaims(token, ['second', 'first'])).toEqual({ second: token.second });
  });

  it.each([
    [['department', 'wide', 'level']],
    [['wide', 'department', 'level']],
    [['department', 'level', 'wide']],
  ])('CK-11: one that is too large alone takes no room from the others: declared %j', (names) => {
    const wide = Array.from({ length: 20 }, () => 'a'.repeat(200));
    const kept = keepClaims({ department: 'Sales', level: 3, wide }, names);
    expect(kept).toEqual({ department: 'Sales', level: '3' });
  });
});

describe('roles that the session keeps', () => {
  const declared = { claim: 'realm_access.roles', names: ['admin', 'editor'] };
  const rolesOf = (roles: unknown) => readRoles({ realm_access: { roles } }, declared);

  it.each([
    ['a list', ['uma', 'editor', 'admin'], ['admin', 'editor']],
    ['one text', 'editor', ['editor']],
    ['a text with spaces', 'uma editor', ['editor']],
    ['an object by role', { admin: { org: 'x' } }, ['admin']],
    ['an object that denies one', { admin: false, editor: true }, ['editor']],
    ['an object of nothing', { admin: null, editor: [] }, []],
    ['an object of empty texts and zeros', { admin: '', editor: 0 }, []],
    ['an object of lists', { admin: ['x'], editor: [] }, ['admin']],
    ['a list with other things', [null, 7, { editor: 1 }, 'admin'], ['admin']],
    ['nothing', undefined, []],
    ['a role that only contains it', ['administrator', 'co-editor'], []],
  ])('are the declared ones, from %s', (_, roles, kept) => {
    expect(rolesOf(roles)).toEqual(kept);
  });

  it('are found among thousands of others, which are not kept', () => {
    expect(rolesOf([...Array.from({ length: 3_000 }, (_, at) => `group-${at}`), 'admin'])).toEqual(['admin']);
  });

  it('are found at the end of a text of thousands', () => {
    const groups = Array.from({ length: 3_000 }, (_, at) => `group-${at}`).join(' ');
    expect(rolesOf(`${groups} admin`)).toEqual(['admin']);
  });

  it.each([' ', ','])('in a text that is too long, none is made of a role that was cut (%j)', (between) => {
    const text = `editor${between}`.padEnd(100_000 - 'admin'.length, `x${between}`);
    expect(rolesOf(`${text}administrator`)).toEqual(['editor']);
    expect(rolesOf(['admin'.padStart(200, '-').concat('istrator'), 'editor'])).toEqual(['editor']);
  });

  it('are none when none is declared', () => {
    expect(readRoles({ roles: ['admin'] }, undefined)).toEqual([]);
  });
});
