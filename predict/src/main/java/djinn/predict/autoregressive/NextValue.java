package djinn.predict.autoregressive;

/** Tells the values of images that are being drawn, always of the same number of them, in reading order. */
interface NextValue extends AutoCloseable {

    /**
     * Tells a value of each image.
     *
     * @param values of the images, (N, C, H, W) row by row; all before the place are drawn, the others may be anything
     * @param y the row
     * @param x the column
     * @param colour the channel
     * @return logits (N, levels), row by row
     */
    float[] logits(float[] values, int y, int x, int colour);

    @Override
    void close();
}
