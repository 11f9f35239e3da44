import { createApp } from './app.js';
import { fallingBack, formula, model } from './volatility.js';

const { GANTRY_URL = 'http://localhost:8080', PORT = '3000' } = process.env;

const asked = model(GANTRY_URL, { deadlineMs: 1_000, attemptMs: 400, attempts: 3, backoffMs: 50 });
const estimate = fallingBack(asked, formula, (error) =>
  console.warn('using the formula:', error instanceof Error ? error.message : error),
);

createApp(estimate).listen(PORT, (error?: Error) => {
  if (error === undefined) console.log(`http://localhost:${PORT}/volatility`);
  else {
    console.error(`cannot listen on port ${PORT}: ${error.message}`);
    process.exitCode = 1;
  }
});
