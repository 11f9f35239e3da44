/**
 * Node's globals in a context of their own. Jest's own environment puts a Proxy before the global object, through which
 * every `Map` and `Math` of a test is looked up; here the context's global object is an ordinary one.
 */
const { AsyncLocalStorage } = require('node:async_hooks');
const vm = require('node:vm');
const { ModuleMocker } = require('jest-mock');
const { installCommonGlobals } = require('jest-util');
require('./jest-code-cache.cjs');

/**
 * Classes of the outer realm: onnxruntime-node's addon checks `instanceof Float32Array` against it, so a context's own
 * class makes every tensor "not a tensor".
 */
const SHARED = [
  'ArrayBuffer',
  'SharedArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
  'DataView',
];

/**
 * Those that a test file used. jest-circus makes one for each file and never disables it, and up to Node 22 every promise
 * pays for each that is enabled: the last files of a worker for those of all the files before.
 */
const storages = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  storages.add(this);
  return run.apply(this, args);
};

/** A global that Node makes when it is first read, such as `fetch`, made by the realm it belongs to. */
function lend(global, name, enumerable) {
  const set = (value) =>
    Object.defineProperty(global, name, { value, enumerable, configurable: true, writable: true });
  Object.defineProperty(global, name, { get: () => globalThis[name], set, enumerable, configurable: true });
}

module.exports = class NodeContext {
  constructor({ projectConfig }) {
    this.context = vm.createContext(vm.constants.DONT_CONTEXTIFY);
    this.global = vm.runInContext('globalThis', this.context);
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
      if (name in this.global) continue;
      if ('value' in descriptor) Object.defineProperty(this.global, name, descriptor);
      else lend(this.global, name, descriptor.enumerable);
    }
    for (const name of SHARED) this.global[name] = globalThis[name];
    this.global.global = this.global;
    installCommonGlobals(this.global, projectConfig.globals, 'off');
    this.moduleMocker = new ModuleMocker(this.global);
    this.fakeTimers = null;
    this.fakeTimersModern = null;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return this.context;
  }

  async setup() {}

  async teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    this.context = null;
    this.global = null;
  }
};
