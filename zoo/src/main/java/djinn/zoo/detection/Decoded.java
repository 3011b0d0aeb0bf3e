package djinn.zoo.detection;

import ai.djl.ndarray.NDArray;

/**
 * All boxes a network proposes, before any is selected.
 *
 * @param boxes (N, A, 4) x1, y1, x2, y2 in pixels of the images; they may reach beyond; (N, A, K, 4) of a network that
 *     places them for each class
 * @param scores (N, A, K) in [0, 1], without background
 */
public record Decoded(NDArray boxes, NDArray scores) {}
