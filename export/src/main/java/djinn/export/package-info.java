/** Blocks become files: traced, written as ONNX or TorchScript, and compared with what they were made from. */
package djinn.export;
