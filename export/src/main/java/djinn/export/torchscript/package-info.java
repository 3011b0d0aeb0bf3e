/** Graphs as TorchScript: archives, and blocks that run frozen. */
package djinn.export.torchscript;
