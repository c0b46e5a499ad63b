// `/metrics` for Prometheus. It tells of the whole installation, so it is for this machine and for the admin token.
import { z } from 'zod';
import type { PrometheusPage } from '../monitoring/prometheus.ts';
import { defineRoute, type Route } from '../route.ts';
import { requireEverything } from '../scope.ts';

export function prometheusRoutes(page: PrometheusPage): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/metrics',
      access: 'read',
      summary: 'Gauges for Prometheus: the metrics of the last five minutes and the console’s own state',
      response: z.string(),
      produces: 'text/plain; version=0.0.4; charset=utf-8',
      handle: async ({ scope, reply }) => {
        requireEverything(scope);
        reply.type('text/plain; version=0.0.4; charset=utf-8');
        return page.text();
      },
    }),
  ];
}
