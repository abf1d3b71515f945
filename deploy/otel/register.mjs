import { DiagConsoleLogger, DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';

/*
 * Loads an SDK of OpenTelemetry before the gateway: `node --import`. Its variables are those of the specification, such as
 * OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_TRACES_SAMPLER.
 */

// Writes errors of the export, such as an unreachable collector, to standard error.
diag.setLogger(new DiagConsoleLogger(), { logLevel: DiagLogLevel.ERROR });

const resource = resourceFromAttributes({ 'service.name': 'block-storage-graphql' });

trace.setGlobalTracerProvider(
  new BasicTracerProvider({
    resource: resource.merge(detectResources({ detectors: [envDetector] })),
    // Holds 2,048 spans at most and drops further ones.
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  }),
);
