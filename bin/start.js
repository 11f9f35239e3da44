// `npm start`: installs and builds what is missing, then runs `gantry local` with the arguments given.
import { prepare, ROOT } from './prepare.js';

prepare();
process.argv.splice(2, 0, 'local');
process.env.GANTRY_CHECKOUT ??= ROOT;
await import(new URL('../dist/gantry.js', import.meta.url).href);
