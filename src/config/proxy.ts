/** Proxy settings: those of the configuration, else those of the given environment variables. */
import { noProxies, type ProxySettings } from '../resolve/registry/transport/proxies.ts';

/** Upper-case variables precede lower-case ones, as in curl and Go. */
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

/** `proxy:3128` means `http://proxy:3128`; null if the text is not a URL. */
function proxyUrl(text: string): string | null {
  const url = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  return text !== '' && URL.canParse(url) ? url : null;
}
