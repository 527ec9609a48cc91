// Playwright's driver, but for one thing: of each look at which an expectation is not met yet it would describe the whole page, for the
// message of a test that fails. That took a tenth of Chromium's work; tests/on_failure.py says what the pages showed.
const fs = require('fs'), Module = require('module'), path = require('path');

const METHOD = '_ariaSnapshotForExpect(element, options, frameVisible) {';
const load = Module._extensions['.js'];

Module._extensions['.js'] = (module, filename) => {
  if (!filename.endsWith('coreBundle.js')) return load(module, filename);
  Module._extensions['.js'] = load;
  module._compile(fs.readFileSync(filename, 'utf8').replace(METHOD, `${METHOD} return undefined;`), filename);
};
// Playwright's own lies beside its node.
process.argv[1] = path.join(path.dirname(process.execPath), 'package', 'cli.js');
require(process.argv[1]);
