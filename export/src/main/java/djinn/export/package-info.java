/** Export of trained blocks: holds its package only, until tracing arrives. */
package djinn.export;
