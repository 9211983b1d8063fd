/** The CustomResourceDefinition as an object; `hack/generate/crd.ts` writes it to crds/. */
import { z } from 'zod';
import { group, kind, plural, version } from './names.ts';
import { imageInspectionSchema } from './schema.ts';
import { structural } from './structural.ts';

interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority?: 1;
}

// A path with [*] would show only its first item: lists have a field that sums them up.
const columns: readonly Column[] = [
  { name: 'Image', type: 'string', jsonPath: '.spec.image', description: 'The image as a pod names it.' },
  { name: 'Result', type: 'string', jsonPath: '.status.result', description: 'What was found.' },
  { name: 'Digest', type: 'string', jsonPath: '.status.digestShort', description: 'What the tag means.' },
  {
    name: 'Platforms',
    type: 'string',
    jsonPath: '.status.platformSummary',
    description: 'Platforms of the image.',
  },
  { name: 'Endpoint', type: 'string', jsonPath: '.status.endpoint', description: 'Who served it.' },
  {
    name: 'Inspected',
    type: 'date',
    jsonPath: '.status.lastInspected',
    description: 'When it was last inspected, to the hour.',
  },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age of the object.' },
  {
    name: 'Missing',
    type: 'string',
    jsonPath: '.status.missingSummary',
    description: 'Platforms that are needed and that the image lacks.',
    priority: 1,
  },
  {
    name: 'Drifted',
    type: 'string',
    jsonPath: '.status.conditions[?(@.type=="Drifted")].status',
    description: 'Do pods run something else than what the tag means now?',
    priority: 1,
  },
  {
    name: 'Pods',
    type: 'integer',
    jsonPath: '.status.usedBy.pods',
    description: 'Pods that use the image.',
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

/** Of the whole object; the API server adds apiVersion, kind and metadata. */
export function openApiSchema(): object {
  return structural(z.toJSONSchema(imageInspectionSchema, { target: 'openapi-3.0', io: 'input' }));
}
