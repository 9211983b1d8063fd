import { describe, expect, test } from '@jest/globals';
import { proxySettings } from '../../../src/config/proxy.ts';

describe('proxySettings', () => {
  test('the configuration overrides the environment', () => {
    const configured = { https: null, http: 'http://a:1', noProxy: [] };
    expect(proxySettings(configured, { HTTPS_PROXY: 'http://b:2' })).toBe(configured);
  });

  test('upper-case variables precede lower-case ones', () => {
    const environment = {
      HTTPS_PROXY: 'http://upper:1',
      https_proxy: 'http://lower:1',
      http_proxy: 'http://low:2',
    };
    expect(proxySettings(null, environment)).toEqual({
      https: 'http://upper:1',
      http: 'http://low:2',
      noProxy: [],
    });
  });

  test('a proxy without a scheme gets http', () => {
    expect(proxySettings(null, { HTTPS_PROXY: 'proxy.corp:3128' }).https).toBe('http://proxy.corp:3128');
  });

  test('NO_PROXY is split into hosts', () => {
    expect(proxySettings(null, { NO_PROXY: ' a, .b ,,c' }).noProxy).toEqual(['a', '.b', 'c']);
  });

  test.each([{}, { HTTPS_PROXY: '' }, { HTTPS_PROXY: 'http://' }])(
    'an environment of %j sets no proxy',
    (environment) => {
      expect(proxySettings(null, environment)).toEqual({ https: null, http: null, noProxy: [] });
    },
  );
});
