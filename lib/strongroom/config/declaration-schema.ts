/**
 * The rules of a declaration (declaration.ts): what the core could not work with is said before the server
 * starts. Pure.
 */
import { z } from 'zod';

const path = z
  .string()
  .regex(/^(?!.*\/\/)\/[\w\-/.]*$/, 'must be a path of this site that starts with one slash');
// The letters of the spec: RFC 6749 §3.3.
const scope = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'has characters that a scope may not have');
const text = z.string().trim().min(1, 'is empty');
const claim = z.string().min(1).max(200);
const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,39}$/, 'must be one word of at most 40 small letters, digits and underscores');

const variable = z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must name a variable');
const api = z.object({
  baseUrl: variable,
  audience: z
    .string()
    .regex(/^[\x21-\x7e]{1,500}$/, 'must be a variable or an identifier of the API')
    .optional(),
  scopes: z.array(scope).optional(),
});

/** Its audience is in the authorization request, and its scopes are those that no other API has. */
function hasPlainFirst(apis: Record<string, z.infer<typeof api>>): boolean {
  const [first] = Object.values(apis);
  return first?.audience === undefined && first?.scopes === undefined;
}

const declarationSchema = z
  .object({
    productName: text.max(60),
    paths: z
      .object({ home: path, afterSignIn: path, signIn: path, problem: path, signedOut: path, session: path })
      .partial()
      .optional(),
    protectedPaths: z.array(path),
    apis: z
      .record(name, api)
      .refine((apis) => Object.keys(apis).length >= 1, 'must name an API')
      .refine((apis) => Object.keys(apis).length <= 10, 'must name at most ten APIs')
      .refine(hasPlainFirst, 'must have the first API without audience and scopes: it has AUTH_AUDIENCE'),
    permissions: z.array(z.object({ scope, title: text, detail: text })).default([]),
    claims: z.array(claim).max(10).optional(),
    roles: z.object({ claim, names: z.array(z.string().min(1).max(50)).min(1).max(20) }).optional(),
    pendingActions: z.array(name).optional(),
  })
  .superRefine(({ apis, permissions }, context) => {
    const known = permissions.map(({ scope }) => scope);
    for (const [apiName, { scopes = [] }] of Object.entries(apis))
      for (const scope of scopes.filter((one) => !known.includes(one)))
        context.addIssue({
          code: 'custom',
          path: ['apis', apiName, 'scopes'],
          message: `has ${scope}, which is no declared permission`,
        });
  });

/** Everything that is wrong, each as a sentence without its full stop. */
export function listDeclarationProblems(declaration: unknown): string[] {
  const issues = declarationSchema.safeParse(declaration, { reportInput: true }).error?.issues ?? [];
  return issues.map((issue) => {
    const what = ['The declaration', issue.path.join('.')].filter(Boolean).join('’s ');
    return `${what} ${describeIssue(issue)}`;
  });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' || issue.code === 'invalid_union')
    return issue.input === undefined
      ? 'is missing'
      : 'is of the wrong type: the type Declaration of strongroom has the shape';
  if (issue.code === 'too_big') return `is longer than ${issue.maximum}`;
  if (issue.code === 'too_small' && issue.message.startsWith('Too small'))
    return `needs at least ${issue.minimum}`;
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}
