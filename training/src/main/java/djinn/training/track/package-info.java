/** Where a training is written to beside its folder's own files: TensorBoard, MLflow, lines of JSON. */
package djinn.training.track;
