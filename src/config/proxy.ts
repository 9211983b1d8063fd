/** Proxy settings, from the configuration or otherwise from environment variables. */
import { noProxies, type ProxySettings } from '../resolve/registry/transport/proxies.ts';

/**
 * Returns the proxy settings. Upper-case variables take precedence over lower-case ones, as in curl and Go.
 */
export function proxySettings(
  configured: ProxySettings | null,
  environment: Readonly<Record<string, string | undefined>>,
): ProxySettings {
  if (configured) return configured;
  const variable = (name: string): string => environment[name] || environment[name.toLowerCase()] || '';
  return {
    ...noProxies,
    https: proxyUrl(variable('HTTPS_PROXY')),
    http: proxyUrl(variable('HTTP_PROXY')),
    noProxy: variable('NO_PROXY')
      .split(/[\s,]+/)
      .filter((host) => host !== ''),
  };
}

/**
 * Parses the URL of a proxy; `proxy:3128` means `http://proxy:3128`. Returns null if the text is not a URL.
 */
function proxyUrl(text: string): string | null {
  const url = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  return text !== '' && URL.canParse(url) ? url : null;
}
