import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: './src/schema/index.ts',
  emitLegacyCommonJSImports: false,
  generates: {
    'schema/schema.graphql': { plugins: ['schema-ast'] },
    'test/support/documents.ts': {
      documents: 'test/**/*.graphql',
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        enumsAsTypes: true,
        ignoreEnumValuesFromSchema: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { DateTime: 'string', UUID: 'string', JSONObject: 'Record<string, unknown>' },
      },
    },
  },
};

export default config;
