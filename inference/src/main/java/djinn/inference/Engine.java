package djinn.inference;

/** What computes a model. */
public enum Engine {
    /** The model's block on DJL's PyTorch engine: weights of any model of the zoo. */
    PYTORCH,
    /** ONNX Runtime: an ONNX file, whoever wrote it. */
    ONNX
}
