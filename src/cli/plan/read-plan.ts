import { GatewayError } from '#errors';
import { PLAN_SCHEMA, type PlanView } from '#ports';

/** Takes a gateway's answer for a plan. Throws a GatewayError when it is none of the form that this version reads. */
export function readPlan(body: unknown, url: string): PlanView {
  // A gateway of before the field was added does not say it.
  if (isPlan(body)) return { ...body, clusterTroubles: body.clusterTroubles ?? [] };
  const message = `${url} answered no plan of the form ${PLAN_SCHEMA}; is it a gateway of another version?`;
  throw new GatewayError('GATEWAY_REFUSED', message, { disposition: 'retry' });
}

/** What has the schema's name has its form: fields are added under it, never changed or removed. */
const isPlan = (body: unknown): body is PlanView =>
  typeof body === 'object' && body !== null && 'schema' in body && body.schema === PLAN_SCHEMA;
