/** Files over HTTP: what downloads of weights and of data share. */
package djinn.ops.download;
