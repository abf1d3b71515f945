import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema/schema.graphql',
  documents: 'src/operations/*.graphql',
  emitLegacyCommonJSImports: false,
  generates: {
    'src/__generated__/documents.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        enumsAsTypes: true,
        ignoreEnumValuesFromSchema: true,
        useTypeImports: true,
        strictScalars: true,
        scalars: { ID: 'string', DateTime: 'string', UUID: 'string', JSONObject: 'Record<string, unknown>' },
      },
    },
  },
};

export default config;
