/** Labels for endpoints of which there are never too many: what pods write in their images must not make new series. */
import { clean } from '../../util/text/text.ts';

export interface EndpointName {
  /** URL of a configured endpoint, `upstream`, or `other`. */
  readonly endpoint: string;
  /** Host of an upstream that nobody configured, or `other`; empty for configured endpoints. */
  readonly registry: string;
}

/** Hosts of registries that nobody configured: anybody who may create pods can name any number of them. */
export const maxRegistries = 50;
/** Configured endpoints: the configuration changes while the process lives, and metrics never forget. */
export const maxEndpoints = 200;

const otherEndpoint: EndpointName = { endpoint: 'other', registry: '' };
const otherRegistry: EndpointName = { endpoint: 'upstream', registry: 'other' };

/** Names for the first so many, then `other`. A name once given stays. */
export class EndpointNames {
  readonly #endpoints = new Map<string, EndpointName>();
  readonly #registries = new Map<string, EndpointName>();
  readonly #byUrl = new Map<string, EndpointName>();

  /** @param registry host of the image's own registry */
  name(url: string, configured: boolean, registry: string): EndpointName {
    return configured ? this.#configured(url) : this.#upstream(url, registry);
  }

  /** The name that `url` was given before. */
  known(url: string): EndpointName {
    return this.#byUrl.get(url) ?? otherRegistry;
  }

  /** Every name given so far, without the two `other`. */
  all(): readonly EndpointName[] {
    return [...this.#endpoints.values(), ...this.#registries.values()];
  }

  #configured(url: string): EndpointName {
    return (
      this.#endpoints.get(url) ??
      this.#give(this.#endpoints, maxEndpoints, url, url, { endpoint: clean(url), registry: '' }) ??
      otherEndpoint
    );
  }

  #upstream(url: string, registry: string): EndpointName {
    return (
      this.#registries.get(registry) ??
      this.#give(this.#registries, maxRegistries, registry, url, {
        endpoint: 'upstream',
        registry: clean(registry),
      }) ??
      otherRegistry
    );
  }

  #give(names: Map<string, EndpointName>, max: number, key: string, url: string, name: EndpointName) {
    if (names.size >= max) return null;
    names.set(key, name);
    this.#byUrl.set(url, name);
    return name;
  }
}
