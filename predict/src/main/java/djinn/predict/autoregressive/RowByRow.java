package djinn.predict.autoregressive;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import djinn.ops.Autograd;
import djinn.ops.PyTorch;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.nn.Pass;

/** Remembers what the model made of the rows above, and computes a row for each value. */
final class RowByRow implements NextValue {

    private final PixelModel model;
    private final int size;
    private final long[] labels;
    private final NDManager kept;
    private NDList above;
    private int row;

    /**
     * Before the first row.
     *
     * @param model an initialised block; stays the caller's
     * @param size H and W of the images
     * @param labels a class for each image; looked at where the model knows any
     */
    RowByRow(PixelModel model, int size, int[] labels) {
        this.model = model;
        this.size = size;
        this.labels = new long[labels.length];
        for (int n = 0; n < labels.length; n++) {
            this.labels[n] = labels[n];
        }
        kept = PyTorch.newManager(model.getParameters().valueAt(0).getArray().getDevice());
        try (NDManager working = kept.newSubManager();
                Autograd.Scope off = Autograd.withoutGradients()) {
            above = model.begin(working, labels.length, size, classes(working), pass(working));
            above.attach(kept);
        }
    }

    private NDArray classes(NDManager working) {
        return model.classes() == 0 ? null : working.create(labels);
    }

    private static Pass pass(NDManager working) {
        return new Pass(new ParameterStore(working, false), false);
    }

    @Override
    public float[] logits(float[] values, int y, int x, int colour) {
        try (Autograd.Scope off = Autograd.withoutGradients()) {
            for (; row < y; row++) {
                try (NDManager working = kept.newSubManager()) {
                    above.attach(working);
                    above = model.nextRow(row(values, row, working), above, classes(working), pass(working));
                    above.attach(kept);
                }
            }
            try (NDManager working = kept.newSubManager()) {
                above.attach(working);
                NDArray all = model.rowLogits(row(values, y, working), above, classes(working), pass(working));
                above.attach(kept);
                return all.get(":, :, " + colour + ", 0, " + x).toFloatArray(); // (N, levels, C, 1, W) -> (N, levels)
            }
        }
    }

    /** (N, C, 1, W) of (N, C, H, W). */
    private NDArray row(float[] values, int y, NDManager working) {
        int planes = labels.length * model.channels();
        float[] row = new float[planes * size];
        for (int plane = 0; plane < planes; plane++) {
            System.arraycopy(values, (plane * size + y) * size, row, plane * size, size);
        }
        return working.create(row, new Shape(labels.length, model.channels(), 1, size));
    }

    @Override
    public void close() {
        kept.close();
    }
}
