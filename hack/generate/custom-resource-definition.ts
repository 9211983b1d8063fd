/** The CustomResourceDefinition as an object; `hack/generate/crd.ts` writes it to crds/. */
import { z } from 'zod';
import { group, kind, plural, version } from '../../src/watch/api/names.ts';
import { imageInspectionSchema } from '../../src/watch/api/schema.ts';
import { structural } from './structural-schema.ts';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1 to show the column only with `-o wide`. */
  readonly priority?: 1;
}

// A JSON path with [*] shows only the first item; such lists have a summary field.
const columns: readonly Column[] = [
  { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'Image as in a pod spec.' },
  { name: 'Result', type: 'string', jsonPath: '.status.result', description: 'Result of the inspection.' },
  {
    name: 'Digest',
    type: 'string',
    jsonPath: '.status.digestShort',
    description: 'Digest that the tag names.',
  },
  {
    name: 'Platforms',
    type: 'string',
    jsonPath: '.status.platformSummary',
    description: 'Platforms of the image.',
  },
  {
    name: 'Endpoint',
    type: 'string',
    jsonPath: '.status.endpoint',
    description: 'Endpoint that served the image.',
  },
  {
    name: 'Inspected',
    type: 'date',
    jsonPath: '.status.lastInspected',
    description: 'Time of the last inspection, to the hour.',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  {
    name: 'Missing',
    type: 'string',
    jsonPath: '.status.missingSummary',
    description: 'Required platforms that the image lacks.',
    priority: 1,
  },
  {
    name: 'Drifted',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Drifted")].status',
    description: 'Whether pods run an image other than the one the tag names now.',
    priority: 1,
  },
  {
    name: 'Pods',
    type: 'integer',
    jsonPath: '.status.usedBy.pods',
    description: 'Number of pods that use the image.',
    priority: 1,
  },
];

const selectable = ['.spec.image', '.status.result', '.status.reason', '.status.digest'];

export function customResourceDefinition(): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: 'imageinspection',
        shortNames: ['ii'],
        categories: ['pratique'],
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          selectableFields: selectable.map((jsonPath) => ({ jsonPath })),
          schema: { openAPIV3Schema: openApiSchema() },
        },
      ],
    },
  };
}

/** Returns the schema of the whole object; the API server adds apiVersion, kind and metadata. */
export function openApiSchema(): object {
  return structural(z.toJSONSchema(imageInspectionSchema, { target: 'openapi-3.0', io: 'input' }));
}
