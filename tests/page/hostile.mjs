// A plan whose every free text tries to be more than text.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kScript = '</noscript></script><script>window.harmed = 1</script><!--';
const kImage = '<img src=x onerror="window.harmed=2">';
const kQuotes = `"'\`\${window.harmed=3}<b>bold</b>&lt;`;
const kRightToLeft = '\u202Eשלום "> עולם\u2028\u2029 end';

export const kHostileNames = [kScript, kImage, kQuotes, kRightToLeft];

/// The file's name; what stands in the plan turns up in its name, a step's note, a column and an unchecked verify.
export function hostilePlan() {
  const columns = { id: 'bigserial primary key', old: 'text' };
  const plan = {
    backout: 1,
    name: kScript,
    services: {
      db: { kind: 'postgres', database: 'shop', tables: { t: { rows: 2, columns } } },
    },
    deploy: { steps: [
      { id: 'add', do: 'sql', target: 'db', text: `ALTER TABLE t ADD COLUMN "${kImage.replaceAll('"', '""')}" text`, note: kQuotes, takes: '1m', verify: { manual: kRightToLeft } },
      { id: 'drop', do: 'sql', target: 'db', text: 'ALTER TABLE t DROP COLUMN old', takes: '1m' },
    ] },
    rollback: {
      steps: [{ id: 'back', do: 'sql', target: 'db', text: 'ALTER TABLE t ADD COLUMN old text', takes: '1m', verify: { manual: kQuotes }, note: kRightToLeft }],
      paths: { full: { steps: ['back'], full: true } },
    },
  };
  const file = join(mkdtempSync(join(tmpdir(), 'backout-hostile-')), 'plan.json');
  writeFileSync(file, JSON.stringify(plan));
  return file;
}
