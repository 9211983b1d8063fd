/** Bounded label values for endpoints: image names in pods must not create new series without limit. */
import { clean } from '../../util/text/text.ts';

export interface EndpointName {
  /** URL of a configured endpoint, or `upstream`, or `other`. */
  readonly endpoint: string;
  /** Host of an upstream that is not configured, or `other`; empty for configured endpoints. */
  readonly registry: string;
}

/**
 * Limit of hosts of registries that are not configured. A user who may create pods can name any number of
 * them.
 */
export const maxRegistries = 50;
/**
 * Limit of configured endpoints. The configuration changes while the process runs, and series are never
 * removed.
 */
export const maxEndpoints = 200;

const otherEndpoint: EndpointName = { endpoint: 'other', registry: '' };
const otherRegistry: EndpointName = { endpoint: 'upstream', registry: 'other' };

/**
 * Assignment of names: the first endpoints and registries up to the limits get their own, all further ones
 * `other`. A name stays once assigned.
 */
export class EndpointNames {
  readonly #endpoints = new Map<string, EndpointName>();
  readonly #registries = new Map<string, EndpointName>();
  readonly #byUrl = new Map<string, EndpointName>();

  /**
   * Returns the name of an endpoint, and assigns it if it is new.
   * @param registry host of the image's registry
   */
  name(url: string, configured: boolean, registry: string): EndpointName {
    return configured ? this.#configured(url) : this.#upstream(url, registry);
  }

  /** Returns the name assigned to `url` before. */
  known(url: string): EndpointName {
    return this.#byUrl.get(url) ?? otherRegistry;
  }

  /** Returns every name assigned so far, without the two `other`. */
  all(): readonly EndpointName[] {
    return [...this.#endpoints.values(), ...this.#registries.values()];
  }

  #configured(url: string): EndpointName {
    return (
      this.#endpoints.get(url) ??
      this.#assign(this.#endpoints, maxEndpoints, url, url, { endpoint: clean(url), registry: '' }) ??
      otherEndpoint
    );
  }

  #upstream(url: string, registry: string): EndpointName {
    return (
      this.#registries.get(registry) ??
      this.#assign(this.#registries, maxRegistries, registry, url, {
        endpoint: 'upstream',
        registry: clean(registry),
      }) ??
      otherRegistry
    );
  }

  #assign(names: Map<string, EndpointName>, max: number, key: string, url: string, name: EndpointName) {
    if (names.size >= max) return null;
    names.set(key, name);
    this.#byUrl.set(url, name);
    return name;
  }
}
