/** Puts the table into its page of the documentation. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../docs/reference/real-nodes.md', import.meta.url));
const place = /(<!-- written by [^\n]*-->\n)[^]*(<!-- end -->)/;

export async function writeTable(text: string): Promise<void> {
  const before = await readFile(page, 'utf8');
  if (!place.test(before)) throw new Error(`${page} has no place for the table`);
  await writeFile(
    page,
    before.replace(
      place,
      (_all, start: string, end: string) => `${start}\`\`\`text\n${text}\n\`\`\`\n${end}`,
    ),
  );
}
