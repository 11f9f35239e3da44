/** koa-router 14 ships no types and @types/koa-router describes version 7: the part used here. */
declare module 'koa-router' {
  import type { Middleware, ParameterizedContext } from 'koa';

  export interface RouterContext extends ParameterizedContext {
    params: Readonly<Record<string, string>>;
    /** What a regular expression's groups matched. */
    captures: readonly string[];
  }

  export type RouterHandler = (ctx: RouterContext) => void | Promise<void>;

  export default class Router {
    constructor(options?: { readonly sensitive?: boolean; readonly strict?: boolean });
    delete(path: string | RegExp, handler: RouterHandler): this;
    get(path: string | RegExp, handler: RouterHandler): this;
    /** `handler` is called for each route with the parameter, before the route's own. */
    param(
      name: string,
      handler: (value: string, ctx: RouterContext, next: () => Promise<void>) => unknown,
    ): this;
    post(path: string | RegExp, handler: RouterHandler): this;
    routes(): Middleware;
    allowedMethods(): Middleware;
  }
}
