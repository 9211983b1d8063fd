/** Schema of the configuration section `credentials`. */
import { z } from 'zod';
import { duration, globs } from '../../util/schema-fields.ts';

const nodeIdentityHosts = ['*.dkr.ecr.*.amazonaws.com', '*.azurecr.io', '*.pkg.dev', 'gcr.io', '*.gcr.io'];

export const credentialsSchema = z.strictObject({
  dockerConfig: z
    .string()
    .default('')
    .describe("Docker config with Pratique's own credentials, keyed by the physical host, mirrors included."),
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
    .describe('Exec credential providers as the kubelet runs them. Set both keys or none.'),
  nodeIdentity: globs()
    .default(nodeIdentityHosts)
    .describe(
      'Globs on registries where nodes log in with their cloud identity, which Pratique lacks: 401 and 403 from them count as `unavailable`.',
    ),
  kubeletMatching: z
    .boolean()
    .default(false)
    .describe(
      'Send pull secrets to mirrors too, as containerd nodes do. This discloses them to the mirrors.',
    ),
  pullSecrets: z
    .boolean()
    .default(true)
    .describe('Read the pull secrets of pods and of their service accounts.'),
  secretTTL: duration({ max: 3_600_000 })
    .prefault('60s')
    .describe('Time for which a pull secret is cached before it is read again.'),
});

export type CredentialsConfiguration = z.output<typeof credentialsSchema>;
