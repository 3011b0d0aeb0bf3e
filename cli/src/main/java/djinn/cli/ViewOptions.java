package djinn.cli;

import djinn.inference.Answering;
import djinn.inference.ImagePredictor;
import djinn.inference.ModelFile;
import djinn.predict.segmentation.SegmentationAnswering;
import djinn.predict.segmentation.SegmentationCard;
import djinn.predict.segmentation.Views;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a segmenter looks at images. */
final class ViewOptions implements TaskOptions {

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

    @Override
    public boolean areOf(Answering answering) {
        return answering instanceof SegmentationAnswering;
    }

    @Override
    public boolean given() {
        return tile != null || overlap != null;
    }

    @Override
    public String place() {
        return "--tile and --overlap with a segmenter";
    }

    @Override
    public ImagePredictor<?> open(Asked asked) {
        asked.weights().requireSize();
        ModelFile file = ModelFile.of(asked.file(), asked.settings().engine());
        SegmentationAnswering segmenters = (SegmentationAnswering) asked.answering();
        WeightsOptions weights = asked.weights();
        SegmentationCard card;
        if (!TaskOfFile.answers(file.task(), SegmentationAnswering.class)) {
            card = segmenters.card(weights.card(segmenters));
        } else {
            SegmentationCard own = segmenters.card(file.metadata(), file.file());
            card = asked.named().isPresent() ? own : own.withModel(weights.changed(own.model(), file.file()));
        }
        return segmenters.images(file, card, asked.settings(), views(asked.mirrored()));
    }

    private Views views(boolean mirrored) {
        if (tile == null && overlap != null) {
            throw mistake("expected --tile N with --overlap");
        }
        int shared = overlap != null ? overlap : tile == null ? 0 : tile / 8;
        try {
            return new Views(tile == null ? OptionalInt.empty() : OptionalInt.of(tile), shared, mirrored);
        } catch (IllegalArgumentException e) {
            throw mistake("--tile, --overlap: " + e.getMessage());
        }
    }

    private ParameterException mistake(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
