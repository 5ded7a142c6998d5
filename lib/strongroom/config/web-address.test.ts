import { describe, expect, it } from 'vitest';
import { findAddressProblem, isLoopback, isSafeAddress } from './web-address';

describe('a configured address', () => {
  it.each([
    'https://app.example',
    'https://app.example:8443/path?x=1',
    'http://localhost:3000',
    'http://127.0.0.1',
    'http://[::1]:3000/',
    'HTTPS://APP.EXAMPLE',
  ])('DI-05: %s is accepted', (address) => {
    expect(findAddressProblem(address)).toBeNull();
    expect(isSafeAddress(new URL(address))).toBe(true);
  });

  it.each([
    ['http://app.example', /https/],
    ['http://127.0.0.2', /https/],
    ['http://localhost.example', /https/],
    ['http://0.0.0.0', /https/],
    ['http://10.0.0.1', /https/],
    ['ftp://app.example', /https/],
    ['javascript:alert(1)', /https/],
    ['data:text/html,x', /https/],
    ['https://user@app.example', /user name/],
    ['https://user:secret@app.example', /user name/],
    ['https://app.example/#x', /fragment/],
    ['app.example', /in full/],
    ['https://', /in full/],
    ['//app.example', /in full/],
    ['', /in full/],
  ])('DI-05: %s is rejected, and the problem says how to write it', (address, problem) => {
    expect(findAddressProblem(address)).toMatch(problem);
  });

  it.each([
    ['https://login.microsoftonline.com/{tenantid}/v2.0', /placeholder.*tenant/],
    ['https://login.microsoftonline.com/%7Btenantid%7D/v2.0', /placeholder/],
    ['https://<tenant>.eu.auth0.com/', /in full|placeholder/],
    ['https://issuer.example/<tenant>', /placeholder/],
    ['https://*.issuer.example', /one address/],
    ['https://one.example,https://two.example', /one address/],
    ['https://one.example/?or=https://two.example', /one address/],
  ])('ID-15, DI-13: %s is no address of one server, and the problem says so', (address, problem) => {
    expect(findAddressProblem(address)).toMatch(problem);
  });

  it('AZ-15: an address with a user name is not safe to send to', () => {
    expect(isSafeAddress(new URL('https://user@app.example'))).toBe(false);
    expect(isSafeAddress(new URL('http://user@localhost'))).toBe(false);
  });

  it('loopback addresses are recognised in every spelling', () => {
    expect(isLoopback(new URL('http://2130706433/'))).toBe(true);
    expect(isLoopback(new URL('http://127.1/'))).toBe(true);
    expect(isLoopback(new URL('http://[::ffff:127.0.0.1]/'))).toBe(false);
  });
});
