package djinn.ops;

/** In what precision convolutions and matrix products of a pass are computed; weights stay float32 either way. */
public enum Precision {
    /** Float32 throughout. */
    FP32,
    /** Factors rounded to bfloat16: 8 bits of mantissa at the range of float32. */
    BF16
}
