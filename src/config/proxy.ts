/** Proxies of the environment, which count where the configuration names none. The variables are given, not read. */
import { noProxies, type ProxySettings } from '../resolve/registry/transport/proxies.ts';

/** By the usual names, upper case before lower case, as curl and Go have it. */
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

/** `proxy:3128` means `http://proxy:3128`; what is no URL is no proxy. */
function proxyUrl(text: string): string | null {
  const url = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  return text !== '' && URL.canParse(url) ? url : null;
}
