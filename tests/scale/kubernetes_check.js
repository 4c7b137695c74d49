// kubernetes_check.js FOLDER MANIFEST...: holds the manifests against the API's own schemas and writes what the container of
// each Job runs into FOLDER/<job>.sh, its environment in front.
const fs = require('fs');
const path = require('path');
const yaml = require('yaml');
const models = {Job: require('kubernetes-models/batch/v1').Job, PersistentVolumeClaim: require('kubernetes-models/v1').PersistentVolumeClaim};

function mistake(object) {
  try {
    new models[object.kind](object).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

// The schemas let unknown keys pass. A known one refuses a value that no field takes, so a key that does not is unknown.
function unknownKeys(object, node = object, at = '') {
  if (node === null || typeof node !== 'object') return [];
  return Object.keys(node).flatMap((key) => {
    const kept = node[key];
    const below = unknownKeys(object, kept, `${at}/${key}`);
    if (at === '' && key === 'kind') return below;
    node[key] = [[{}]];
    const passes = mistake(object) === null;
    node[key] = kept;
    return passes ? [`${at}/${key}`, ...below] : below;
  });
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const [folder, ...manifests] = process.argv.slice(2);
for (const manifest of manifests) {
  for (const document of yaml.parseAllDocuments(fs.readFileSync(manifest, 'utf8'))) {
    const object = document.toJS();
    const wrong = [mistake(object), ...unknownKeys(object).map((key) => `unknown key ${key}`)].filter(Boolean);
    if (wrong.length > 0) throw new Error(`${manifest}: ${object.kind}: ${wrong.join('; ')}`);
    if (object.kind !== 'Job') continue;
    const {template, completions} = object.spec;
    const [container] = template.spec.containers;
    const told = container.env.find(({name}) => name === 'JOB_COMPLETIONS').value;
    if (completions !== undefined && told !== String(completions)) throw new Error(`${manifest}: JOB_COMPLETIONS is ${told}, completions is ${completions}`);
    const lines = container.env.map(({name, value}) => `export ${name}="\${${name}-${value}}"`);
    fs.writeFileSync(path.join(folder, `${object.metadata.name}.sh`), [...lines, `exec ${[...container.command, ...container.args].map(quote).join(' ')}`, ''].join('\n'));
  }
}
