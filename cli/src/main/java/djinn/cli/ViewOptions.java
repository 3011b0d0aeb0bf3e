package djinn.cli;

import djinn.inference.Answering;
import djinn.tasks.segmentation.SegmentationAnswering;
import djinn.tasks.segmentation.Views;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a segmenter looks at images. */
final class ViewOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--tile",
            paramLabel = "N",
            description = "Of a segmenter, look at images in their own size, in tiles of N x N.")
    private Integer tile;

    @Option(
            names = "--overlap",
            paramLabel = "N",
            description = "With --tile, the pixels that a tile shares with the next (default: an eighth of the tile).")
    private Integer overlap;

    @Option(
            names = "--flip",
            description = "Of a segmenter, look at the mirror image too, and average the probabilities.")
    private boolean flip;

    /** Refuses the options with models of other tasks. */
    void require(Answering answering, String task) {
        if (!(answering instanceof SegmentationAnswering) && (tile != null || overlap != null || flip)) {
            throw mistake("expected --tile, --overlap and --flip with a segmenter, got a model of the task " + task);
        }
        views();
    }

    Views views() {
        if (tile == null && overlap != null) {
            throw mistake("expected --tile N with --overlap");
        }
        int shared = overlap != null ? overlap : tile == null ? 0 : tile / 8;
        try {
            return new Views(tile == null ? OptionalInt.empty() : OptionalInt.of(tile), shared, flip);
        } catch (IllegalArgumentException e) {
            throw mistake("--tile, --overlap: " + e.getMessage());
        }
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
