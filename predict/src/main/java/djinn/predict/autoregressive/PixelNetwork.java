package djinn.predict.autoregressive;

import djinn.config.RecordBinder;
import djinn.ops.Default;
import djinn.zoo.generative.GatedPixelCnn;
import djinn.zoo.generative.PixelCnn;
import djinn.zoo.generative.PixelModel;
import djinn.zoo.generative.PixelRnn;
import java.util.LinkedHashMap;
import java.util.Map;

/** The network of a model of pixels, as a recipe names it. */
public sealed interface PixelNetwork {

    /**
     * Builds the network.
     *
     * @param channels C of the images
     * @param levels how many levels a value may have
     * @param classes how many classes it is told of; 0 for none
     * @throws IllegalArgumentException if the extents do not go together
     */
    PixelModel build(int channels, int levels, int classes);

    /** Returns whether it is told the class of each image. */
    default boolean toldClasses() {
        return false;
    }

    /** Returns the networks by their names. */
    static Map<String, Class<? extends Record>> table() {
        Map<String, Class<? extends Record>> table = new LinkedHashMap<>();
        table.put("gated_pixel_cnn", Gated.class);
        table.put("pixel_cnn", Plain.class);
        table.put("pixel_rnn", Recurrent.class);
        return table;
    }

    /** Returns what recipes call it. */
    default String name() {
        return RecordBinder.nameIn(table(), this);
    }

    /**
     * Two stacks of gated convolutions, over the rows above and the row so far, which see every earlier pixel.
     *
     * @param width channels of either stack, a multiple of the images' channels
     * @param layers the number of layers
     * @param stem the first layer's kernel, odd
     * @param kernel the later ones', odd
     * @param hidden the channels before the logits, a multiple of the images' channels
     * @param conditional whether it is told the class of each image, and draws images of one
     */
    record Gated(
            @Default("48") int width,
            @Default("7") int layers,
            @Default("7") int stem,
            @Default("3") int kernel,
            @Default("48") int hidden,
            @Default("false") boolean conditional)
            implements PixelNetwork {

        @Override
        public PixelModel build(int channels, int levels, int classes) {
            return new GatedPixelCnn(
                    new GatedPixelCnn.Config(channels, levels, width, layers, stem, kernel, hidden, classes));
        }

        @Override
        public boolean toldClasses() {
            return conditional;
        }
    }

    /**
     * Masked convolutions in residual blocks.
     *
     * @param width channels within a block, half of those between, a multiple of the images' channels
     * @param blocks the number of blocks
     * @param hidden the channels before the logits, a multiple of the images' channels
     */
    record Plain(
            @Default("48") int width,
            @Default("7") int blocks,
            @Default("48") int hidden) implements PixelNetwork {

        @Override
        public PixelModel build(int channels, int levels, int classes) {
            return new PixelCnn(new PixelCnn.Config(channels, levels, width, blocks, hidden));
        }
    }

    /**
     * LSTMs that go through an image row by row, in residual blocks.
     *
     * @param width channels of a state, half of those between layers, a multiple of the images' channels
     * @param layers the number of layers
     * @param hidden the channels before the logits, a multiple of the images' channels
     */
    record Recurrent(
            @Default("24") int width,
            @Default("7") int layers,
            @Default("48") int hidden) implements PixelNetwork {

        @Override
        public PixelModel build(int channels, int levels, int classes) {
            return new PixelRnn(new PixelRnn.Config(channels, levels, width, layers, hidden));
        }
    }
}
