// Bundles the page: node build.mjs FOLDER reads FOLDER/node_modules and writes FOLDER/page.cpp (see page.hpp).
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
const modules = join(folder, 'node_modules');
const esbuild = createRequire(join(folder, 'package.json'))('esbuild');

function bundle(entry) {
  const result = esbuild.buildSync({
    entryPoints: [join(source, entry)], bundle: true, minify: true, write: false, metafile: true, format: 'iife',
    target: ['chrome109', 'firefox115', 'safari16'], charset: 'ascii', legalComments: 'none', nodePaths: [modules], outdir: folder,
  });
  return { text: result.outputFiles[0].text.trim(), inputs: Object.keys(result.metafile.inputs) };
}

/// The package folders that files of the bundle come from.
function packagesOf(inputs) {
  const names = inputs.map((input) => input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean);
  return [...new Set(names)].sort();
}

function licenceOf(name) {
  const path = join(modules, name);
  const { version, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const file = readdirSync(path).find((each) => /^licen[cs]e/i.test(each));
  if (!file) throw new Error(`${relative(modules, path)} has no licence text`);
  return `${name} ${version} (${license})\n\n${readFileSync(join(path, file), 'utf8').trim()}\n`;
}

const digest = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const escape = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;');

/// A function of C++ that returns `text`, in pieces that every compiler takes.
function accessor(name, text) {
  const pieces = text.match(/[^]{1,8000}/g).map((piece) => `R"PAGE(${piece})PAGE"`);
  return `std::string_view ${name}() {\n  static constexpr std::string_view kText =\n${pieces.join('\n')};\n  return kText;\n}\n`;
}

const script = bundle('src/main.js');
const style = bundle('style.css');
if (/<\/script|<!--/i.test(script.text)) throw new Error('the bundle would end its script element');
const policy = `default-src 'none'; script-src ${digest(script.text)}; style-src ${digest(style.text)}; base-uri 'none'; form-action 'none'`;
const fill = {
  POLICY: policy, STYLE: style.text, SCRIPT: script.text, LICENCES: escape(packagesOf(script.inputs).map(licenceOf).join('\n\n')),
};
const page = readFileSync(join(source, 'page.html'), 'utf8').replace(/\{\{([A-Z]+)\}\}/g, (all, key) => fill[key] ?? all);
const [head, middle, tail] = page.split(/\{\{(?:PLAIN|DATA)\}\}/);
const code = `#include "reports/html/page.hpp"\n\nnamespace backout::reports {\n\n${accessor('page_head', head)}\n${accessor('page_middle', middle)}\n${accessor('page_tail', tail)}
}  // namespace backout::reports\n`;
writeFileSync(join(folder, 'page.cpp'), code);
console.log(`page without data: ${Math.round(page.length / 1024)} KB`);
