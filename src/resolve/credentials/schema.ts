/** Section `credentials` of the configuration: whose credentials Pratique has, and who gets them. */
import { z } from 'zod';
import { duration, globs } from '../../util/schema-fields.ts';

const nodeIdentityHosts = ['*.dkr.ecr.*.amazonaws.com', '*.azurecr.io', '*.pkg.dev', 'gcr.io', '*.gcr.io'];

export const credentialsSchema = z.strictObject({
  dockerConfig: z
    .string()
    .default('')
    .describe(
      "Docker config with Pratique's own credentials, keyed by the host that is really asked: mirrors too.",
    ),
  nodeDockerConfig: z
    .string()
    .default('')
    .describe(
      "The kubelet's own docker config (`config.json` or `.dockercfg`), keyed by image; sent to the image's own registry only.",
    ),
  execProviders: z
    .strictObject({
      config: z.string().default('').describe("The kubelet's `CredentialProviderConfig`."),
      binDir: z.string().default('').describe('Directory of the provider executables.'),
    })
    .prefault({})
    .describe('Credential providers as the kubelet runs them; both keys or none.'),
  nodeIdentity: globs()
    .default(nodeIdentityHosts)
    .describe(
      'Globs on registries that know the nodes by their cloud identity, which Pratique lacks: their 401 and 403 count as `unavailable`.',
    ),
  kubeletMatching: z
    .boolean()
    .default(false)
    .describe('Send pull secrets to mirrors too, as the nodes do. It leaks them; off by default.'),
  pullSecrets: z
    .boolean()
    .default(true)
    .describe("Read the pods' pull secrets and those of their service accounts."),
  secretTTL: duration({ max: 3_600_000 })
    .prefault('60s')
    .describe('How long a pull secret is kept in memory before it is read again.'),
});

export type CredentialsConfiguration = z.output<typeof credentialsSchema>;
