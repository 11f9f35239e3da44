/** Loaded when a Redis is configured. As a module of its own: a bundle's `import()` of a CommonJS package loses its names. */
export { Command, Redis } from 'ioredis';
