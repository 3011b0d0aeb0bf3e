/** Graphs as ONNX files, and the check against ONNX Runtime. */
package djinn.export.onnx;
